import type { Entry, FilterQuery, LogsAnswer, Parameters } from '@pixsim7/protocol/client'
import type { Asking, Outcome } from './command.ts'
import type { Console } from './output/console.ts'
import { formatEntryLine } from './output/entry-line.ts'
import { countOf, formatCount } from './output/numbers.ts'
import { jsonLine } from './output/printable.ts'
import { sayReading } from './query-reading.ts'

/** Most entries of one answer. */
const PAGE_SIZE = 1000

export interface Listing {
  readonly filter: Parameters<FilterQuery>
  /** Most entries printed; Infinity: all. Of more, the newest are printed. */
  readonly limit: number
  readonly isJson: boolean
  /** Newest first; default oldest first, as in a file. */
  readonly isReversed?: boolean
}

/**
 * Prints entries as a file has them: oldest first, and when there are more than the limit, the newest of them, as `tail`
 * does. All of them are printed as they come, the last so many after they have come.
 */
export async function listEntries({ client, console }: Asking, listing: Listing): Promise<Outcome> {
  const { filter, limit, isJson, isReversed = false } = listing
  const isStreamed = isReversed || limit === Infinity
  const order = isReversed || limit !== Infinity ? 'desc' : 'asc'
  const held: string[] = []
  let printed = 0
  let cursor: string | undefined
  let first: LogsAnswer | undefined
  do {
    const page = await client.logs({ ...filter, order, limit: Math.min(PAGE_SIZE, limit - printed), cursor })
    if (first === undefined) sayAbout(page, filter.q ?? '', console)
    first ??= page
    const lines = page.logs.map((entry) => formatEntry(entry, isJson, console))
    printed += lines.length
    if (isStreamed) await console.print(lines)
    else held.push(...lines)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined && printed < limit)
  await console.print(held.reverse())
  if (printed === 0) {
    console.say('Nothing found.')
    return 'nothing'
  }
  if (cursor !== undefined) {
    const total = `${first.total_is_exact ? '' : 'at least '}${countOf(first.total, 'entry', 'entries')}`
    console.say(
      `The newest ${printed === 1 ? '' : `${formatCount(printed)} `}of ${total}; --limit all prints every one, --limit N more or fewer.`,
    )
  }
  return 'found'
}

/** An entry as a command prints it. */
export function formatEntry(entry: Entry, isJson: boolean, console: Console): string {
  return isJson ? jsonLine(entry) : formatEntryLine(entry, console.isColoured)
}

/** What the user must know of an answer besides its entries. */
export function sayAbout(answer: LogsAnswer, q: string, console: Console): void {
  sayReading(answer.query, q, console)
  if (answer.notice !== null) console.say(answer.notice)
}
