import type { HealthAnswer } from '@pixsim7/protocol/client'
import { ProtocolError } from '@pixsim7/protocol/client'
import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { newCommand, run, withCommonOptions, type Outcome } from '../command.ts'
import { CliError } from '../cli-error.ts'
import { reportedHealth } from '../connect/caught-up.ts'
import { findRunning, type LogSource } from '../connect/log-source.ts'
import { logFiles } from '../log-files.ts'
import type { CommonOptions } from '../options.ts'
import type { Console } from '../output/console.ts'
import { countOf, formatBytes, formatDuration } from '../output/numbers.ts'
import { jsonDocument, printable } from '../output/printable.ts'

/** Less than this is on its way into the store at any moment of a busy log. */
const LAG_WORTH_TELLING_BYTES = 8 * 1024 * 1024

interface Finding {
  readonly state: 'ok' | 'problem' | 'fact'
  readonly text: string
  /** What to do about a problem. */
  readonly advice?: string
}

/** `pixlogs doctor`: what is well, what is not, and what to do. */
export function doctorCommand(): Command {
  const command = newCommand('doctor', {
    summary: 'look what is wrong, say what to do',
    description:
      'Looks whether the log server runs and reads all files, and says what to do next. Status 1: there are problems.',
    examples: ['pixlogs doctor', 'pixlogs health --json'],
  }).alias('health')
  return withCommonOptions(command).action((options: CommonOptions) =>
    run(options, (console) => examine(options, console)),
  )
}

async function examine(options: CommonOptions, console: Console): Promise<Outcome> {
  const findings: Finding[] = []
  let health: HealthAnswer | undefined
  const source = await reach(options, findings)
  try {
    health = source && (await reportedHealth(source.client))
    if (source !== undefined && health !== undefined) {
      findings.push({
        state: 'ok',
        text: `${capital(source.name)} answers, version ${health.version}, up ${formatDuration(health.uptime_seconds * 1000)}`,
      })
      if (await isReader(source)) findings.push(...engineFindings(health), ...fileFindings(health))
      else
        findings.push({
          state: 'problem',
          text: 'It refuses the token, or was given none',
          advice: 'Set LOGS_API_TOKEN (or --token) to the one the log server was started with.',
        })
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    findings.push({
      state: 'problem',
      text: error.message,
      advice: 'Start it (npm run logs), or correct --url, PIXLOGS_URL, LOGS_HOST or LOGS_PORT.',
    })
  } finally {
    await source?.close()
  }
  const problems = findings.filter(({ state }) => state === 'problem')
  if (options.json === true) {
    await console.print([jsonDocument({ is_well: problems.length === 0, findings, health: health ?? null })])
  } else {
    await console.print(findings.flatMap((finding) => linesOf(finding, console)))
    console.say(
      problems.length === 0 ? 'All is well.' : `${countOf(problems.length, 'problem', 'problems')}.`,
    )
  }
  return problems.length === 0 ? 'found' : 'nothing'
}

async function reach(options: CommonOptions, findings: Finding[]): Promise<LogSource | undefined> {
  try {
    const source = await findRunning(options)
    if (source === undefined) {
      findings.push({
        state: 'problem',
        text: 'No log server runs for this project',
        advice:
          'Start one: npm run logs, or everything: npm start. The other commands of pixlogs start one for themselves meanwhile.',
      })
      findings.push(...folderFindings())
    }
    return source
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    findings.push({ state: 'problem', text: error.message })
    return undefined
  }
}

/** Whether it tells us more than the public. */
async function isReader({ client }: LogSource): Promise<boolean> {
  try {
    await client.me()
    return true
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'unauthorized') return false
    throw error
  }
}

function engineFindings({ status, engine, rows }: HealthAnswer): Finding[] {
  const memory = engine.resident_bytes === null ? '' : `, ${formatBytes(engine.resident_bytes)} of memory`
  const name = `Store engine ${printable(engine.version ?? engine.name)}`
  return [
    status === 'ok' || status === 'degraded'
      ? { state: 'ok', text: `${name} holds ${countOf(rows, 'entry', 'entries')}${memory}` }
      : {
          state: 'problem',
          text: `${name} is ${status}`,
          advice:
            status === 'starting'
              ? 'Ask again in a moment.'
              : 'It is started again by itself. If it stays so: logserver.log tells why.',
        },
    ...(engine.restarts > 0
      ? [
          {
            state: 'problem',
            text: `The engine was started again ${countOf(engine.restarts, 'time', 'times')}`,
            advice: 'pixlogs search engine --component logserver tells when and why.',
          } as const,
        ]
      : []),
    ...(engine.last_error === null
      ? []
      : [{ state: 'problem', text: `The engine says: ${printable(engine.last_error)}` } as const]),
  ]
}

function fileFindings({ files }: HealthAnswer): Finding[] {
  if (files.length === 0)
    return [
      {
        state: 'problem',
        text: 'It follows no file',
        advice: 'Log something, or set LOGS_FILES to where the log files are.',
      },
    ]
  const lagBytes = files.reduce((sum, { lag_bytes: lag }) => sum + lag, 0)
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  return [
    {
      state: 'ok',
      text: `It follows ${countOf(files.length, 'file', 'files')} with ${countOf(lines, 'line', 'lines')}`,
    },
    lagBytes > LAG_WORTH_TELLING_BYTES
      ? {
          state: 'problem',
          text: `${formatBytes(lagBytes)} are not read yet`,
          advice: 'It is reading them; answers lack them until then.',
        }
      : {
          state: 'ok',
          text: lagBytes === 0 ? 'All of it is read' : `All but ${formatBytes(lagBytes)} is read`,
        },
    ...files.flatMap(troubles),
  ]
}

function troubles(file: HealthAnswer['files'][number]): Finding[] {
  const name = printable(file.path)
  return [
    ...(file.last_error === null
      ? []
      : [
          {
            state: 'problem',
            text: `${name}: ${printable(file.last_error)}`,
            advice: 'Let the user who runs the log server read it.',
          } as const,
        ]),
    ...(file.lost_bytes === 0
      ? []
      : [
          {
            state: 'problem',
            text: `${name}: ${formatBytes(file.lost_bytes)} were gone before they were read`,
            advice: 'Some tool shortened or removed the file; rename it instead (pixlogs logrotate).',
          } as const,
        ]),
    ...(file.bad_lines === 0
      ? []
      : [
          {
            state: 'fact',
            text: `${name}: ${countOf(file.bad_lines, 'line is', 'lines are')} no record, and kept as text`,
          } as const,
        ]),
    ...(file.cut_lines === 0
      ? []
      : [
          {
            state: 'fact',
            text: `${name}: ${countOf(file.cut_lines, 'line was', 'lines were')} too long, and cut`,
          } as const,
        ]),
  ]
}

/** Without a log server only this can be seen. */
function folderFindings(): Finding[] {
  const { folder, components, errors } = logFiles()
  const present = [...components, errors].filter((file) => existsSync(file))
  return [
    present.length > 0
      ? { state: 'ok', text: `${countOf(present.length, 'log file', 'log files')} in ${printable(folder)}` }
      : {
          state: 'problem',
          text: `There are no log files in ${printable(folder)}`,
          advice: 'Start a component that logs there (npm run backend, npm run worker), or set LOG_DIR.',
        },
  ]
}

const MARKS = { ok: ['✓', '32'], problem: ['✗', '31'], fact: ['·', '2'] } as const

function linesOf({ state, text, advice }: Finding, console: Console): string[] {
  const [mark, colour] = MARKS[state]
  return [`${console.coloured(mark, colour)} ${text}`, ...(advice === undefined ? [] : [`  ${advice}`])]
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
