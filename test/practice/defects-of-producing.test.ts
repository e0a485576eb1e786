/** Defects of the original in producing logs (section 4.1 of docs/defects.md) that no other test shows to be absent. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { closeLogging, flushLogging, getLogger, LogContext, setupLogging } from '@pixsim7/logging'
import { parseJsonLine, parsePlainLine, type LogRecord } from '@pixsim7/record'
import { runProgram, tempDir, waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { PATIENCE_MS, readLines, withoutSettings, withSystem } from '../support/running-system.ts'

const LOG_ONCE = path.join(import.meta.dirname, 'programs/log-once.mjs')

async function logOnce(env: Readonly<Record<string, string>>, ...args: string[]) {
  const folder = await tempDir()
  const options = { cwd: folder, env: { ...withoutSettings(), ...env } }
  const { code, stdout } = await runProgram(process.execPath, [LOG_ONCE, ...args], options)
  expect(code).toBe(0)
  const file = (name: string) => path.join(folder, 'data/logs', name)
  return { stdout, backend: file('backend.log'), errors: file('errors.log') }
}

describe('4.1.1 the context', () => {
  it('leaves no chain of wrappers behind: a call is as deep after ten thousand contexts as after one', async () => {
    const depths: number[] = []
    const measure = (text: string) => {
      const error = new Error('depth')
      depths.push((error.stack ?? '').split('\n').length)
      return text
    }
    const before = Error.stackTraceLimit
    Error.stackTraceLimit = 1000
    try {
      setupLogging({
        component: 'backend',
        cwd: await tempDir(),
        env: {},
        redaction: { functions: [measure] },
      })
      const log = (message: string) => LogContext.run({ job_id: 1 }, () => getLogger('main').info(message))
      log('The first')
      const first = depths.at(-1)
      const measured = depths.length
      for (let n = 0; n < 10_000; n++) LogContext.run({ request_id: `r${n}` }, () => getLogger(`l${n % 9}`))
      log('The last')
      expect(depths.at(-1)).toBe(first)
      expect(first).toBeGreaterThan(1)
      expect(depths.length).toBeGreaterThan(measured)
      await flushLogging()
    } finally {
      Error.stackTraceLimit = before
      await closeLogging()
    }
  })
})

describe('4.1.3 the files', () => {
  it.each(['true', 'false'])(
    'hold texts of any script as they are, so that grep finds them (JSON: %s)',
    async (json) => {
      // The locale of the machine decides nothing.
      const { backend, errors } = await logOnce({ JSON_LOGS: json, LC_ALL: 'C', LANG: 'C' })
      const count = (pattern: string, file: string) =>
        execFileSync('grep', ['-c', '-F', pattern, file], { env: { LC_ALL: 'C' }, encoding: 'utf8' }).trim()
      expect(count('Größer als 日本 🎬', backend)).toBe('2')
      expect(count('Čeština, עברית', backend)).toBe('1')
      expect(count('Größer als 日本 🎬', errors)).toBe('1')
      expect(readFileSync(backend, 'utf8')).toContain('Ошибка')
    },
  )

  it('have the format that JSON_LOGS says, all of them, and not only the console', async () => {
    const { stdout, backend, errors } = await logOnce({ JSON_LOGS: 'true', LOG_CONSOLE: 'plain' })
    for (const file of [backend, errors]) {
      expect(readLines(file).filter((line) => parseJsonLine(line) === undefined)).toEqual([])
    }
    expect(parsePlainLine(stdout.split('\n').at(0) ?? '')).toBeDefined()
  })
})

describe('4.1.4 the console', () => {
  it('has colours where it is a terminal, and leaves the line of the file as it was', async () => {
    const coloured = await logOnce({ LOG_CONSOLE: 'plain', TERM: 'xterm', NO_COLOR: '' }, 'terminal')
    expect(coloured.stdout).toContain('\u001b[')
    for (const file of [coloured.backend, coloured.errors])
      expect(readFileSync(file, 'utf8')).not.toContain('\u001b')
  })
})

describe('4.1.5 and 4.1.6 the running system when nothing happens', () => {
  it(
    'polls without a line, tells each event of its queue once, and no statement with its values',
    async () => {
      const settings = { LOG_LEVEL: 'DEBUG', PROVIDER_POLL_INTERVAL: '100ms' }
      await withSystem({ args: ['--no-demo'], settings }, async ({ logs }) => {
        const readWorker = (): LogRecord[] =>
          readLines(path.join(logs, 'worker.log')).flatMap((line) => parseJsonLine(line) ?? [])
        const records = await waitFor(
          () => {
            const all = readWorker()
            const ready = all.findIndex(({ message }) => message === 'Ready')
            const later = all.slice(ready + 1)
            const polls = later.filter(({ message }) => /Completed task .*poll_job_statuses/.test(message))
            return ready !== -1 && polls.length >= 40 ? later : undefined
          },
          { timeoutMs: PATIENCE_MS },
        )
        // What an operator reads at INFO: at most its health, for dozens of polls.
        const visible = records.filter(({ level }) => level !== 'DEBUG')
        expect(visible.filter(({ logger }) => logger !== 'pixsim7.logging').length).toBeLessThan(5)
        expect(visible.filter(({ message }) => /poll/i.test(message))).toEqual([])

        const ofQueue = records.filter(({ message }) => message.startsWith('Completed task'))
        expect(new Set(ofQueue.map(({ message }) => message)).size).toBe(ofQueue.length)

        // Statements are told at DEBUG only (or when they are slow), with places instead of values.
        const statements = readWorker().filter(({ fields }) => fields['statement'] !== undefined)
        expect(statements.length).toBeGreaterThan(40)
        for (const { level, message, fields } of statements) {
          expect([level, message]).toEqual(
            message === 'Slow query' ? ['WARNING', message] : ['DEBUG', message],
          )
          expect(Object.keys(fields)).not.toContain('parameters')
        }
        const withValues = statements.filter(({ fields }) =>
          /where "status" = /.test(String(fields['statement'])),
        )
        expect(
          withValues.filter(({ fields }) => !/"status" = \$1/.test(String(fields['statement']))),
        ).toEqual([])
        expect(withValues.length).toBeGreaterThan(0)
      })
    },
    2 * PATIENCE_MS,
  )
})
