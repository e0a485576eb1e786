import type { ServicesAnswer } from '@pixsim7/protocol/client'
import type { Command } from 'commander'
import { ask, newCommand, withCommonOptions, type Asking, type Outcome } from '../command.ts'
import type { CommonOptions } from '../options.ts'
import type { Console } from '../output/console.ts'
import { formatTimestampMoment } from '../output/moment.ts'
import { jsonDocument, printable } from '../output/printable.ts'
import { formatTable, type Column } from '../output/table.ts'

type Service = ServicesAnswer['services'][number]

const COLUMNS: readonly Column[] = [
  { title: 'SERVICE' },
  { title: 'STATUS' },
  { title: 'SINCE' },
  { title: 'LAST SEEN' },
  { title: 'RUNNING', align: 'right' },
  { title: 'TOLD BY' },
  { title: 'DETAIL', isFlexible: true },
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
  else if (answer.services.length > 0) {
    const [title = '', ...rows] = formatTable(COLUMNS, answer.services.map(rowOf), console.columns)
    await console.print([
      console.dim(title),
      ...rows.map((row, index) => colourStatus(row, answer.services[index], console)),
    ])
  }
  if (answer.services.length > 0) return 'found'
  console.say(
    'The log tells of no service yet: they tell by entries with the field event (service_started, heartbeat …).',
  )
  return 'nothing'
}

function rowOf(service: Service): string[] {
  return [
    printable(service.name),
    service.status,
    formatTimestampMoment(service.since),
    formatTimestampMoment(service.last_seen),
    service.kind === 'component' ? String(service.instances) : '',
    printable(service.told_by.join(', ')),
    printable(service.detail ?? ''),
  ]
}

/** After aligning, since escape sequences have no width. */
function colourStatus(row: string, service: Service | undefined, console: Console): string {
  if (service === undefined) return row
  const at = row.indexOf(service.status, printable(service.name).length)
  return (
    row.slice(0, at) +
    console.coloured(service.status, STATUS_COLOURS[service.status]) +
    row.slice(at + service.status.length)
  )
}
