import type { Entry, ProtocolError } from '@pixsim7/protocol/client'
import { InvalidArgumentError, type Command } from 'commander'
import { ask, newCommand, withCommonOptions, type Asking, type Outcome } from '../command.ts'
import { formatEntry, sayAbout } from '../entries.ts'
import { addFilterOptions, readFilter, type CommonOptions, type FilterOptions } from '../options.ts'
import { countOf } from '../output/numbers.ts'

const DEFAULT_LINES = 10
interface TailOptions extends CommonOptions, FilterOptions {
  readonly lines: number
}

/** `pixlogs tail`: the last entries that match, then each new one as it is stored. */
export function tailCommand(): Command {
  const command = newCommand('tail', {
    summary: 'follow: print new entries as they come',
    description:
      'Prints the last entries that match, then each new one as it is stored. Ctrl-C ends it. It goes on by itself after the log server was restarted.',
    examples: [
      'pixlogs tail',
      "pixlogs tail 'level>=warning'",
      'pixlogs tail --component worker --logger job_processor -n 20',
      'pixlogs tail job_id:123 --json',
    ],
  })
    .argument('[query...]', 'in the query language (docs/query-language.md); none: everything')
    .option('-n, --lines <n>', 'earlier entries printed first', lines, DEFAULT_LINES)
  addFilterOptions(command)
  return withCommonOptions(command).action((query: string[], options: TailOptions) =>
    ask(options, (asking) => untilSignal((signal) => follow(asking, query, options, signal))),
  )
}

function lines(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) <= 1000) return Number(text)
  throw new InvalidArgumentError('Expected a whole number from 0 to 1000.')
}

/** Runs `work` until Ctrl-C, or a polite kill; a second one ends the program as it is. */
async function untilSignal(work: (signal: AbortSignal) => Promise<void>): Promise<Outcome> {
  const controller = new AbortController()
  let outcome: Outcome = 'found'
  const end = (name: 'interrupted' | 'terminated') => {
    outcome = name
    controller.abort()
  }
  process.once('SIGINT', () => end('interrupted'))
  process.once('SIGTERM', () => end('terminated'))
  try {
    await work(controller.signal)
  } catch (error) {
    // What was under way was withdrawn with it.
    if (!controller.signal.aborted) throw error
  }
  return outcome
}

async function follow(
  asking: Asking,
  query: readonly string[],
  options: TailOptions,
  signal: AbortSignal,
): Promise<void> {
  const { client, console } = asking
  const filter = readFilter(query, options)
  let shown: ReadonlySet<string> | undefined
  let isConnected = true
  for await (const message of client.tail(filter, { signal })) {
    switch (message.kind) {
      case 'entries': {
        // The first message tells where the tail stands: what is stored later comes with it, what was stored before is asked for.
        shown ??= await showEarlier(asking, filter, options, signal)
        if (message.skipped > 0)
          console.say(
            `… ${countOf(message.skipped, 'entry', 'entries')} left out here: more came than a tail carries. pixlogs search finds them.`,
          )
        await print(
          asking,
          message.logs.filter(({ id }) => shown?.has(id) !== true),
          options,
        )
        break
      }
      case 'gap':
        console.say(`… ${message.reason}`)
        break
      case 'waiting':
        if (isConnected) console.say(`… ${reasonOf(message.error)} Trying again …`)
        isConnected = false
        break
      case 'open':
        if (!isConnected) console.say('… connected again.')
        isConnected = true
    }
  }
}

/** A broken connection is what a restart looks like; its technical reason helps nobody. */
function reasonOf({ code, message }: ProtocolError): string {
  return code === 'network' ? 'The connection to the log server broke.' : message
}

/** Prints the last entries; their ids, since some of them may come again with the tail. */
async function showEarlier(
  asking: Asking,
  filter: ReturnType<typeof readFilter>,
  options: TailOptions,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const page = await asking.client.logs({ ...filter, limit: Math.max(1, options.lines) }, { signal })
  sayAbout(page, filter.q ?? '', asking.console)
  const logs = options.lines === 0 ? [] : [...page.logs].reverse()
  await print(asking, logs, options)
  return new Set(logs.map(({ id }) => id))
}

async function print({ console }: Asking, logs: readonly Entry[], { json }: TailOptions): Promise<void> {
  await console.print(logs.map((entry) => formatEntry(entry, json === true, console)))
}
