import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseJsonLine, type LogRecord } from '@pixsim7/record'
import { runProgram, tempDir, type ProgramExit } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'

const PROGRAM = path.join(import.meta.dirname, 'programs', 'print-and-log.mjs')

async function run(
  steps: string,
  env: Record<string, string> = {},
): Promise<ProgramExit & { records: () => LogRecord[] }> {
  const cwd = await tempDir()
  const exit = await runProgram(process.execPath, [PROGRAM, ...steps.split(' ')], {
    cwd,
    env: { JSON_LOGS: 'true', ...env },
  })
  const records = () =>
    readFileSync(path.join(cwd, 'data/logs/backend.log'), 'utf8')
      .trimEnd()
      .split('\n')
      .flatMap((line) => parseJsonLine(line) ?? [])
      .filter(({ logger }) => logger !== 'pixsim7.logging')
  return { ...exit, records }
}

describe('without a setup', () => {
  it('lines go to stderr, redacted, from INFO on, with one notice', async () => {
    const { stdout, stderr, code } = await run('log debug log')
    expect(code).toBe(0)
    expect(stdout).toBe('')
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toContain('call setupLogging')
    expect(lines[1]).toMatch(/ - main - INFO - A line with password=\[redacted\] \| token="?\[redacted\]"?$/)
    expect(stderr).not.toContain('hunter2')
  })

  it('that was closed again, too', async () => {
    const { stderr, records } = await run('setup log close log')
    expect(records()).toHaveLength(1)
    expect(stderr).toContain('A line with')
  })
})

describe('with a setup', () => {
  it('nothing is printed when stdout is no terminal', async () => {
    const { stdout, stderr } = await run('setup log')
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
  })

  it('LOG_CONSOLE=json prints the lines of the file as well', async () => {
    const { stdout, records } = await run('setup log', { LOG_CONSOLE: 'json' })
    const printed = stdout.trimEnd().split('\n').map((line) => parseJsonLine(line)) // prettier-ignore
    expect(printed.filter((record) => record?.logger === 'main')).toEqual(records())
  })

  it('warnings of the process are logged', async () => {
    const { records } = await run('setup warning')
    expect(records()).toMatchObject([
      {
        level: 'WARNING',
        logger: 'process',
        message: 'Old way',
        fields: { warning: 'DeprecationWarning', code: 'DEP9' },
      },
    ])
  })

  it('what is given to the console is logged instead of printed, when asked for', async () => {
    const { stdout, stderr, records } = await run('setup console')
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
    expect(records()).toMatchObject([
      {
        level: 'INFO',
        logger: 'console',
        message: 'Printed 3 of { a: 1 }',
        module: 'print-and-log',
        function: 'console',
      },
      { level: 'ERROR', message: 'Failed: why', fields: { error: 'Error: why' } },
      { level: 'WARNING', message: 'token=[redacted]' },
    ])
    expect(records()[1]?.exception).toContain('print-and-log.mjs')
  })

  it('a reader of stdout that goes away costs nothing but the console', async () => {
    const cwd = await tempDir()
    const { code, stderr } = await runProgram(
      'sh',
      ['-c', '"$0" "$@" | head -1; exit 0', process.execPath, PROGRAM, 'setup', 'many'],
      { cwd, env: { JSON_LOGS: 'true', LOG_CONSOLE: 'plain' } },
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(readFileSync(path.join(cwd, 'data/logs/backend.log'), 'utf8')).toContain('Last line')
  })
})
