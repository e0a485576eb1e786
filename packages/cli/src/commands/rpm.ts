import type { RequestRateAnswer } from '@pixsim7/protocol/client'
import type { Command } from 'commander'
import { ask, newCommand, withCommonOptions, type Asking, type Outcome } from '../command.ts'
import {
  addFilterOptions,
  addTimeOptions,
  readFilter,
  type CommonOptions,
  type FilterOptions,
  type TimeOptions,
} from '../options.ts'
import { bar } from '../output/bars.ts'
import type { Console } from '../output/console.ts'
import { formatTimestampMoment } from '../output/moment.ts'
import { countOf, formatCount, formatDuration } from '../output/numbers.ts'
import { jsonDocument } from '../output/printable.ts'
import { formatTable, type Column } from '../output/table.ts'

const DEFAULT_FROM = '30m'
const BAR_WIDTH = 20

interface RpmOptions extends CommonOptions, FilterOptions, TimeOptions {}

/** `pixlogs rpm`: requests per minute. */
export function rpmCommand(): Command {
  const command = newCommand('rpm', {
    summary: 'count requests per minute',
    description:
      'Counts requests per minute, with client errors, server errors and durations. Without --from: the last 30 minutes.',
    examples: [
      'pixlogs rpm',
      'pixlogs rpm --from 5m',
      "pixlogs rpm 'path:/jobs*' --from today",
      'pixlogs rpm --from 1h --json',
    ],
  }).argument('[query...]', 'in the query language (docs/query-language.md); none: all requests')
  addFilterOptions(addTimeOptions(command))
  return withCommonOptions(command).action((query: string[], options: RpmOptions) =>
    ask(options, (asking) => requestRate(asking, query, options)),
  )
}

async function requestRate(
  { client, console }: Asking,
  query: string[],
  options: RpmOptions,
): Promise<Outcome> {
  const isUnbounded = options.from === undefined && options.to === undefined
  const filter = readFilter(query, isUnbounded ? { ...options, from: DEFAULT_FROM } : options)
  const answer = await client.requestRate(filter)
  const total = answer.points.reduce((sum, { requests }) => sum + requests, 0)
  const minutes = (answer.points.length * answer.interval_seconds) / 60
  if (options.json === true) await console.print([jsonDocument(answer)])
  else if (total > 0) await console.print(console.withFaintTitle(rateTable(answer, console)))
  console.say(
    total > 0
      ? `${countOf(total, 'request', 'requests')}, ${formatAverage(total / minutes)} a minute on average.`
      : `No requests${isUnbounded ? ' in the last 30 minutes; --from looks further back' : ''}. Requests are entries with the fields method, path and status_code.`,
  )
  return total === 0 ? 'nothing' : 'found'
}

function formatAverage(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : formatCount(value)
}

function rateTable({ interval_seconds: seconds, points }: RequestRateAnswer, console: Console): string[] {
  const max = Math.max(...points.map(({ requests }) => requests))
  const columns: readonly Column[] = [
    { title: 'TIME' },
    {
      title: seconds === 60 ? 'REQUESTS' : `REQUESTS PER ${formatDuration(seconds * 1000).toUpperCase()}`,
      align: 'right',
    },
    { title: '4XX', align: 'right' },
    { title: '5XX', align: 'right' },
    { title: 'P50', align: 'right' },
    { title: 'P95', align: 'right' },
    { title: '' },
  ]
  const rows = points.map((point) => [
    formatTimestampMoment(point.start, 'minute'),
    console.number(point.requests),
    console.number(point.client_errors),
    console.number(point.server_errors),
    point.p50_ms === null ? '-' : formatDuration(point.p50_ms),
    point.p95_ms === null ? '-' : formatDuration(point.p95_ms),
    console.isTerminal ? bar(point.requests, max, BAR_WIDTH) : '',
  ])
  return formatTable(columns, rows, console.columns)
}
