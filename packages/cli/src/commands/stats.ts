import type { StorageAnswer } from '@pixsim7/protocol/client'
import type { Command } from 'commander'
import { ask, newCommand, withCommonOptions, type Asking, type Outcome } from '../command.ts'
import { count, type CommonOptions } from '../options.ts'
import { countOf, formatBytes, formatCount } from '../output/numbers.ts'
import { jsonDocument, printable } from '../output/printable.ts'
import { formatTable, type Column } from '../output/table.ts'

const DEFAULT_DAYS = 7

interface StatsOptions extends CommonOptions {
  readonly days: number
}

/** `pixlogs stats`: how much is logged and kept, and how much that will become. */
export function statsCommand(): Command {
  const command = newCommand('stats', {
    summary: 'show bytes and lines per day and component',
    description:
      'Shows what is stored and logged per day and component, and what that becomes in each environment, beside the estimates of the specification.',
    examples: ['pixlogs stats', 'pixlogs stats --days 30', 'pixlogs stats --json'],
  }).option('--days <n>', 'days shown, the newest', count, DEFAULT_DAYS)
  return withCommonOptions(command).action((options: StatsOptions) =>
    ask(options, (asking) => stats(asking, options)),
  )
}

async function stats({ client, console }: Asking, { json, days }: StatsOptions): Promise<Outcome> {
  const answer = await client.storage()
  if (json === true) await console.print([jsonDocument(answer)])
  else {
    const sections = [
      summary(answer),
      console.withFaintTitle(files(answer)),
      console.withFaintTitle(perDay(answer, days)),
      console.withFaintTitle(projection(answer)),
    ].filter((section) => section.length > 0)
    await console.print(sections.flatMap((section, index) => (index === 0 ? section : ['', ...section])))
  }
  return answer.store.rows === 0 ? 'nothing' : 'found'
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function summary({ store, retention }: StorageAnswer): string[] {
  const share =
    store.line_bytes === 0 ? '' : `, ${Math.round((store.bytes / store.line_bytes) * 100)} % of their lines`
  const days = (value: number | null) => (value === null ? 'for ever' : countOf(value, 'day', 'days'))
  const removed =
    store.expired_rows === 0 ? [] : [`Removed    ${countOf(store.expired_rows, 'entry', 'entries')} so far`]
  return [
    `Store      ${countOf(store.rows, 'entry', 'entries')} in ${formatBytes(store.bytes)}${share}`,
    ...(store.disk_free_bytes === null ? [] : [`Disk       ${formatBytes(store.disk_free_bytes)} free`]),
    `Retention  ${retention.environment ?? 'LOG_ENV is not set'}: entries ${days(retention.days)}, errors ${days(retention.error_days)}`,
    ...removed,
  ]
}

function files({ components }: StorageAnswer): string[] {
  if (components.length === 0) return []
  const columns: readonly Column[] = [
    { title: 'COMPONENT' },
    { title: 'FILES', align: 'right' },
    { title: 'ON DISK', align: 'right' },
  ]
  return formatTable(
    columns,
    components.map(({ component, files, file_bytes }) => [
      printable(component),
      formatCount(files),
      formatBytes(file_bytes),
    ]),
    Infinity,
  )
}

/** Newest day last, as in a log. */
function perDay({ days }: StorageAnswer, shownDays: number): string[] {
  const newest = [...new Set(days.map(({ day }) => day))].slice(0, shownDays)
  if (newest.length === 0) return []
  const columns: readonly Column[] = [
    { title: 'DAY (UTC)' },
    { title: 'COMPONENT' },
    { title: 'ENTRIES', align: 'right' },
    { title: 'BYTES', align: 'right' },
    { title: 'ERRORS', align: 'right' },
    { title: 'BYTES', align: 'right' },
  ]
  const rows = days
    .filter(({ day }) => newest.includes(day))
    .sort((a, b) => compare(a.day, b.day) || compare(a.component, b.component))
    .map((row) => [
      row.day,
      printable(row.component),
      formatCount(row.rows),
      formatBytes(row.line_bytes),
      formatCount(row.error_rows),
      formatBytes(row.error_line_bytes),
    ])
  return formatTable(columns, rows, Infinity)
}

function projection({ projection: rows }: StorageAnswer): string[] {
  if (rows.length === 0) return []
  const columns: readonly Column[] = [
    { title: 'IF IT GOES ON' },
    { title: 'COMPONENT' },
    { title: 'PER DAY', align: 'right' },
    { title: 'ESTIMATE', align: 'right' },
    { title: 'KEPT', align: 'right' },
    { title: 'IN ALL', align: 'right' },
  ]
  return formatTable(
    columns,
    rows.map((row) => [
      row.environment,
      printable(row.component),
      formatBytes(row.bytes_per_day),
      row.estimate_low_bytes_per_day === null || row.estimate_high_bytes_per_day === null
        ? '-'
        : `${formatBytes(row.estimate_low_bytes_per_day)} to ${formatBytes(row.estimate_high_bytes_per_day)}`,
      countOf(row.retention_days, 'day', 'days'),
      formatBytes(row.bytes),
    ]),
    Infinity,
  )
}
