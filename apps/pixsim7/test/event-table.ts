/** Tests of events as a table: what happens, and the line that must then be in the file. */
import { waitFor } from '@pixsim7/testkit'
import { expect, it } from 'vitest'
import type { LogFile, WorkerWorld } from './worker-world.ts'

export interface ExpectedEvent {
  /** Row of the domain's table of events, or bullet of the specification. */
  readonly row: string
  readonly level: string
  readonly logger: string
  readonly message: string
  /** What else the line must carry; matchers of vitest may stand for values. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Makes it happen and returns the fields by which its line is told from others with the same message. */
  happen(): Promise<Readonly<Record<string, unknown>>>
}

/** Any number. */
export const number: unknown = expect.any(Number)
/** Any text. */
export const text: unknown = expect.any(String)

/** One row: `line` is `LEVEL logger: Message`. */
export function on(
  row: string,
  line: string,
  fields: ExpectedEvent['fields'],
  happen: ExpectedEvent['happen'],
): ExpectedEvent {
  const parts = /^([A-Z]+) ([\w.]+): (.+)$/.exec(line)
  if (parts === null) throw new Error(`'${line}' is not of the form LEVEL logger: Message`)
  const [, level = '', logger = '', message = ''] = parts
  return { row, level, logger, message, fields, happen }
}

/** A test for each event. Lines of ERROR and above must stand in errors.log as well, with their component. */
export function testEvents(
  world: () => WorkerWorld,
  file: Exclude<LogFile, 'errors.log'>,
  events: readonly ExpectedEvent[],
): void {
  const named = events.map(
    (event) => [`${event.row}: ${event.level} ${event.logger} ${event.message}`, event] as const,
  )
  it.each(named)('%s', async (_, { happen, level, logger, message, fields }) => {
    const known = await happen()
    const line = await world().waitForLog({ message, logger, ...known }, file)
    expect(line).toMatchObject({ level, logger, message, ...fields })
    const keys = ['timestamp', 'level', 'logger', 'message', 'module', 'function', 'line']
    expect(Object.keys(line).slice(0, keys.length)).toEqual(keys)
    if (level !== 'ERROR' && level !== 'CRITICAL') return
    const twin = { ...line, component: file.replace('.log', '') }
    await waitFor(() =>
      world()
        .lines('errors.log')
        .some((one) => one['timestamp'] === line['timestamp']),
    )
    expect(world().lines('errors.log')).toContainEqual(twin)
  })
}
