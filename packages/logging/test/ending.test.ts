import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseJsonLine, type LogRecord } from '@pixsim7/record'
import { startNode, tempDir, type ProgramExit } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'

const PROGRAM = path.join(import.meta.dirname, 'programs', 'log-and-end.mjs')

async function end(
  way: string,
  env: Record<string, string> = {},
): Promise<{ exit: ProgramExit; records: LogRecord[] }> {
  const cwd = await tempDir()
  const exit = await startNode(PROGRAM, [way], { cwd, env: { JSON_LOGS: 'true', ...env } }).exit
  return { exit, records: readRecords(path.join(cwd, 'data/logs/backend.log')) }
}

function readRecords(file: string): LogRecord[] {
  const text = readFileSync(file, 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const record = parseJsonLine(line)
      if (record === undefined) throw new Error(`Not a line of ours: ${line}`)
      return record
    })
}

const numbers = (records: readonly LogRecord[]) =>
  records.map(({ fields }) => fields['n']).filter((n) => n !== undefined)
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe('of 100 lines logged at the very end, 100 are in the file', () => {
  it.each<[way: string, code: number | null, signal: string | null, lines: number]>([
    ['natural', 0, null, 100],
    ['exit', 0, null, 100],
    ['exit-status', 7, null, 100],
    ['throw', 1, null, 100],
    ['throw-no-error', 1, null, 100],
    ['throw-later', 1, null, 100],
    ['reject', 1, null, 100],
    ['own-handler', 9, null, 100],
    ['sigterm', null, 'SIGTERM', 100],
    ['sigint', null, 'SIGINT', 100],
    ['sighup', null, 'SIGHUP', 100],
    ['signal-own', 5, null, 101],
    ['signal-before-once', 5, null, 101],
    ['exit-listener', 0, null, 101],
    ['before-exit', 0, null, 101],
    ['close', 0, null, 100],
    ['flush', null, 'SIGKILL', 100],
    ['error-then-kill', null, 'SIGKILL', 101],
    ['worker', 0, null, 200],
  ])(
    '%s (status %s, signal %s): %i lines, and the ending has its own effect',
    async (way, code, signal, lines) => {
      const { exit, records } = await end(way)
      expect(numbers(records).sort((a, b) => Number(a) - Number(b))).toEqual(upTo(lines))
      expect({ code: exit.code, signal: exit.signal }).toEqual({ code, signal })
    },
  )

  it('holds with each line written by itself, too', async () => {
    expect(numbers((await end('sigterm', { LOG_FLUSH_INTERVAL: '0' })).records)).toEqual(upTo(100))
  })
})

describe('uncaught errors', () => {
  it.each([
    ['throw-later', 'Uncaught exception', 'thrown for the test'],
    ['reject', 'Unhandled promise rejection', 'rejected for the test'],
  ])('%s is logged as CRITICAL, and Node prints it as ever', async (way, message, text) => {
    const { exit, records } = await end(way)
    // A busy machine may add news of its disk.
    const last = records.findLast(({ logger }) => logger !== 'pixsim7.logging')
    expect(last).toMatchObject({ level: 'CRITICAL', logger: 'process', message })
    expect(last?.exception).toContain(text)
    expect(last?.exception).toContain('log-and-end.mjs')
    expect(exit.stderr).toContain(text)
  })

  it('that are no Errors are logged without their secrets', async () => {
    const { records } = await end('throw-no-error')
    const last = records.findLast(({ logger }) => logger === 'process')
    expect(last?.fields).toEqual({ thrown: { password: '[redacted]' } })
  })
})
