/** The lines that the specification shows, byte for byte, given its time and its place in the code. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { runProgram, tempDir } from '@pixsim7/testkit'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const LIBRARY = pathToFileURL(path.join(import.meta.dirname, '../dist/index.js')).href
const CLOCK = pathToFileURL(path.join(import.meta.dirname, 'programs/fixed-clock.mjs')).href

/** As the specification shows a line for production. */
const JSON_EXAMPLE = `{
  "timestamp": "2025-11-11T22:30:45.123456Z",
  "level": "INFO",
  "logger": "job_processor",
  "message": "Processing job #123",
  "module": "job_processor",
  "function": "process_job",
  "line": 45,
  "user_id": 1,
  "job_id": 123
}`
/** And one for development. */
const PLAIN_EXAMPLE = '2025-11-11 22:30:45 - job_processor - INFO - Processing job #123'

const IN_JSON = { JSON_LOGS: 'true' }

/**
 * What a module `job_processor` logs in line 45, inside `process_job`, which runs in a context with these fields: the lines of
 * worker.log but the first, which tells of the start.
 */
async function linesOf(
  statement: string,
  context: object,
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const before = [
    `import { getLogger, LogContext, setupLogging } from '${LIBRARY}'`,
    "setupLogging({ component: 'worker' })",
    "const logger = getLogger('job_processor')",
    `const context: object = ${JSON.stringify(context)}`,
    ...Array.from({ length: 39 }, () => '// a line'),
    'function process_job(): void {',
  ]
  const source = `${[...before, `  ${statement}`, '}', 'LogContext.run(context, process_job)'].join('\n')}\n`
  const folder = await tempDir()
  const { outputText } = ts.transpileModule(source, {
    fileName: 'job_processor.ts',
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      inlineSourceMap: true,
      inlineSources: true,
    },
  })
  mkdirSync(path.join(folder, 'dist'))
  writeFileSync(path.join(folder, 'dist/job_processor.mjs'), outputText)
  const { code, stderr } = await runProgram(
    process.execPath,
    ['--import', CLOCK, path.join(folder, 'dist/job_processor.mjs')],
    { cwd: folder, env: { TZ: 'UTC', ...env } },
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const text = readFileSync(path.join(folder, 'data/logs/worker.log'), 'utf8')
  return text.trimEnd().split('\n').filter((line) => !line.includes('pixsim7.logging')) // prettier-ignore
}

const PROCESSING = "logger.info('Processing job #123')"
const OF_THE_JOB = { user_id: 1, job_id: 123 }

/** The JSON line of the example with another message and other fields. */
const exampleWith = (message: string, fields: object) => {
  const { user_id: _user, job_id: _job, ...rest } = JSON.parse(JSON_EXAMPLE) as Record<string, unknown>
  return JSON.stringify({ ...rest, message, ...fields })
}

describe('the example line of the specification', () => {
  it('in JSON is written so, on one line', async () => {
    const lines = await linesOf(PROCESSING, OF_THE_JOB, IN_JSON)
    expect(lines).toEqual([JSON.stringify(JSON.parse(JSON_EXAMPLE))])
  })

  it('in plain text is written so, in local time, with the fields of a context behind it', async () => {
    expect(await linesOf(PROCESSING, {})).toEqual([PLAIN_EXAMPLE])
    expect(await linesOf(PROCESSING, OF_THE_JOB)).toEqual([`${PLAIN_EXAMPLE} | user_id=1 job_id=123`])
    const [inTokyo] = await linesOf(PROCESSING, {}, { TZ: 'Asia/Tokyo' })
    expect(inTokyo).toBe(PLAIN_EXAMPLE.replace('11 22:30', '12 07:30'))
  })
})

describe('the best practices of the specification', () => {
  it('structured: the call it calls good has its fields as they are', async () => {
    const call = "logger.info('Job completed', { job_id: 123, duration_sec: 45 })"
    const fields = { job_id: 123, duration_sec: 45 }
    expect(await linesOf(call, {}, IN_JSON)).toEqual([exampleWith('Job completed', fields)])
    expect(await linesOf(call, {})).toEqual([
      '2025-11-11 22:30:45 - job_processor - INFO - Job completed | job_id=123 duration_sec=45',
    ])
  })

  it('context: its fields are on each line of the block, also on those logged later', async () => {
    const block = "logger.info('Processing job'); setImmediate(() => logger.info('Still processing'))"
    expect(await linesOf(block, OF_THE_JOB)).toEqual([
      '2025-11-11 22:30:45 - job_processor - INFO - Processing job | user_id=1 job_id=123',
      '2025-11-11 22:30:45 - job_processor - INFO - Still processing | user_id=1 job_id=123',
    ])
  })

  it('sensitive data: nothing of the list is written, in either format', async () => {
    const list = [
      { fields: "{ password: 'hunter2-and-more' }", secret: 'hunter2-and-more' },
      { fields: "{ note: 'key sk_live_4eC39HqLyjWDarjtT1zdp7dc' }", secret: '4eC39HqLyjWDarjtT1zdp7dc' },
      {
        fields: "{ note: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl' }",
        secret: 'eyJzdWIiOiIxIn0',
      },
      { fields: "{ note: 'paid with 4111 1111 1111 1111' }", secret: '4111 1111' },
      { fields: "{ note: 'of ada@example.com', phone: '+49 30 123456' }", secret: 'ada@example.com' },
      { fields: "{ first_name: 'Ada-Augusta', date_of_birth: '1815-12-10' }", secret: 'Ada-Augusta' },
    ]
    const calls = list.map(
      ({ fields }) => `logger.error('Seen', ${fields}); logger.info('Seen ' + JSON.stringify(${fields}))`,
    )
    for (const env of [{}, IN_JSON]) {
      const lines = await linesOf(calls.join('; '), {}, env)
      expect(lines.filter((line) => line.includes('[redacted'))).toHaveLength(2 * list.length)
      for (const { secret } of list) expect(lines.join('\n')).not.toContain(secret)
    }
  })

  it('levels: each of the five is written under its name, DEBUG only when asked for', async () => {
    const levels = ['debug', 'info', 'warning', 'error', 'critical']
    const calls = levels.map((level) => `logger.${level}('a')`).join('; ')
    const names = async (env: Readonly<Record<string, string>>) =>
      (await linesOf(calls, {}, env)).map((line) => line.split(' - ')[2])
    expect(await names({ LOG_LEVEL: 'DEBUG' })).toEqual(levels.map((level) => level.toUpperCase()))
    expect(await names({})).toEqual(['INFO', 'WARNING', 'ERROR', 'CRITICAL'])
  })
})
