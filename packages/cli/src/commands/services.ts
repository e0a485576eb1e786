import type { ServicesAnswer } from '@pixsim7/protocol/client'
import type { Command } from 'commander'
import { ask, newCommand, withCommonOptions, type Asking, type Outcome } from '../command.ts'
import type { CommonOptions } from '../options.ts'
import type { Console } from '../output/console.ts'
import { formatTimestampMoment } from '../output/moment.ts'
import { formatDuration } from '../output/numbers.ts'
import { jsonDocument, printable } from '../output/printable.ts'
import { formatTable, type Column } from '../output/table.ts'

type Service = ServicesAnswer['services'][number]

const COLUMNS: readonly Column[] = [
  { title: 'SERVICE', isFlexible: true },
  { title: 'STATUS' },
  { title: 'SINCE' },
  { title: 'LAST SEEN' },
  { title: 'RUNNING', align: 'right' },
  { title: 'TOLD BY', isFlexible: true },
]

const STATUS_COLOURS: Readonly<Record<Service['status'], string>> = {
  up: '32',
  down: '31',
  silent: '33',
  unknown: '2',
}

/** `pixlogs services`: who runs, by what the log says. */
export function servicesCommand(): Command {
  const command = newCommand('services', {
    summary: 'show which services are up',
    description:
      'Shows which services and dependencies are up, since when, and when they were last heard of, by what the log says.',
    examples: ['pixlogs services', 'pixlogs services --json'],
  })
  return withCommonOptions(command).action((options: CommonOptions) =>
    ask(options, (asking) => services(asking, options.json === true)),
  )
}

async function services({ client, console }: Asking, isJson: boolean): Promise<Outcome> {
  const answer = await client.services()
  if (isJson) await console.print([jsonDocument(answer)])
  else await console.print(serviceLines(answer.services, console))
  if (answer.services.length > 0) return 'found'
  console.say(
    'The log tells of no service yet: they tell by entries with the field event (service_started, heartbeat …).',
  )
  return 'nothing'
}

/** A table; what is to be said about a service stands below its row. */
function serviceLines(all: readonly Service[], console: Console): string[] {
  if (all.length === 0) return []
  const nowMs = Date.now()
  const [title = '', ...rows] = formatTable(
    COLUMNS,
    all.map((service) => rowOf(service, nowMs)),
    console.columns,
  )
  return [
    console.dim(title),
    ...all.flatMap((service, index) => [
      colourStatus(rows[index] ?? '', service.status, console),
      ...(service.detail === null ? [] : [console.dim(`  ${printable(service.detail)}`)]),
    ]),
  ]
}

function rowOf(service: Service, nowMs: number): string[] {
  const isComponent = service.kind === 'component'
  const lastSeenMs = service.last_seen === null ? undefined : Date.parse(service.last_seen)
  return [
    printable(service.name),
    service.status,
    formatTimestampMoment(service.since, 'minute'),
    lastSeenMs === undefined ? '-' : `${formatDuration(wholeSeconds(nowMs - lastSeenMs))} ago`,
    isComponent ? String(service.instances) : '',
    isComponent ? '' : printable(service.told_by.join(', ')),
  ]
}

/** Of two clocks, which may differ a little. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.round(ms / 1000)) * 1000
}

/** After aligning, since escape sequences have no width. */
function colourStatus(row: string, status: Service['status'], console: Console): string {
  const at = row.indexOf(`  ${status}`) + 2
  return row.slice(0, at) + console.coloured(status, STATUS_COLOURS[status]) + row.slice(at + status.length)
}
