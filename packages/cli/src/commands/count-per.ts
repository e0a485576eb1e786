import { badArgument } from '../cli-error.ts'
import type { Asking, Outcome } from '../command.ts'
import { sayAbout } from '../entries.ts'
import { commonStepMs, intervalStart, nextInterval, type IntervalName } from '../local-intervals.ts'
import { bar } from '../output/bars.ts'
import { jsonDocument } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import { formatMoment } from '../output/moment.ts'
import type { Filter } from './count.ts'

/** More rows are no answer but a file; each costs a part of a question. */
const MOST_ROWS = 1500
/** Most intervals of one histogram. */
const MOST_BUCKETS = 500
const BAR_WIDTH = 40

/**
 * Counts by the minutes, hours or days of the local clock, from the first entry that matches (or --from) to the last (or
 * --to), empty ones in between included.
 */
export async function countPer(
  asking: Asking,
  filter: Filter,
  interval: IntervalName,
  isJson: boolean,
): Promise<Outcome> {
  const { console } = asking
  const range = await rangeOf(asking, filter)
  const counts = range === undefined ? new Map<number, number>() : emptyCounts(range, interval)
  if (range !== undefined) await fill(asking, filter, range, interval, counts)
  const buckets = [...counts].map(([startMs, count]) => ({ start: new Date(startMs).toISOString(), count }))
  if (isJson) {
    await console.print([jsonDocument({ interval, buckets })])
  } else {
    const max = Math.max(...counts.values(), 0)
    const rows = [...counts].map(([startMs, count]) => [
      formatMoment(startMs, interval),
      console.number(count),
      console.isTerminal ? bar(count, max, BAR_WIDTH) : '',
    ])
    await console.print(
      formatTable([{ title: '' }, { title: '', align: 'right' }, { title: '' }], rows, Infinity),
    )
  }
  if (buckets.length > 0) return 'found'
  console.say('Nothing found.')
  return 'nothing'
}

interface Range {
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

async function rangeOf({ client, console }: Asking, filter: Filter): Promise<Range | undefined> {
  const [oldest, newest] = await Promise.all([
    client.logs({ ...filter, order: 'asc', limit: 1 }),
    client.logs({ ...filter, order: 'desc', limit: 1 }),
  ])
  sayAbout(oldest, filter.q ?? '', console)
  const [first, last] = [oldest.logs[0], newest.logs[0]]
  if (first === undefined || last === undefined) return undefined
  const to = filter.to ?? null
  return {
    fromMs: Date.parse(filter.from ?? first.timestamp),
    toMs: to === null ? Date.parse(last.timestamp) + 1 : Date.parse(to),
  }
}

function emptyCounts({ fromMs, toMs }: Range, interval: IntervalName): Map<number, number> {
  const counts = new Map<number, number>()
  for (
    let startMs = intervalStart(fromMs, interval);
    startMs < toMs;
    startMs = nextInterval(startMs, interval)
  ) {
    counts.set(startMs, 0)
    if (counts.size > MOST_ROWS) {
      throw badArgument(
        `From ${formatMoment(fromMs, 'minute')} to ${formatMoment(toMs, 'minute')} there are more than ${MOST_ROWS} ${interval}s. ` +
          `Narrow it with --from and --to${interval === 'day' ? '' : `, or count --per ${interval === 'minute' ? 'hour' : 'day'}`}.`,
      )
    }
  }
  return counts
}

/** The log server counts by intervals of UTC; those chosen here each lie within one of the local clock. */
async function fill(
  { client }: Asking,
  filter: Filter,
  { fromMs, toMs }: Range,
  interval: IntervalName,
  counts: Map<number, number>,
): Promise<void> {
  const stepMs = commonStepMs(fromMs, toMs, interval)
  const chunkMs = stepMs * MOST_BUCKETS
  for (let startMs = Math.floor(fromMs / stepMs) * stepMs; startMs < toMs; startMs += chunkMs) {
    const { buckets } = await client.histogram({
      ...filter,
      from:
        startMs < fromMs ? (filter.from ?? new Date(fromMs).toISOString()) : new Date(startMs).toISOString(),
      to:
        startMs + chunkMs < toMs
          ? new Date(startMs + chunkMs).toISOString()
          : (filter.to ?? new Date(toMs).toISOString()),
      buckets: MOST_BUCKETS,
    })
    for (const { start, counts: levels } of buckets) {
      const key = intervalStart(Date.parse(start), interval)
      const sum = Object.values(levels).reduce((total, count) => total + count, 0)
      // A bucket may begin before the range does; its entries do not.
      const known = counts.has(key) ? key : intervalStart(fromMs, interval)
      counts.set(known, (counts.get(known) ?? 0) + sum)
    }
  }
}
