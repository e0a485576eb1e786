import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { runProgram, tempDir } from '@pixsim7/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeLogging, flushLogging, getLogger, LogContext, setupLogging } from './index.ts'
import { collectLogs, collectLogsOfEachTest } from './testing.ts'

const logger = getLogger('job_processor')

describe('collectLogsOfEachTest', () => {
  const logs = collectLogsOfEachTest({ beforeEach, afterEach })

  it('has the records as a file would hold them: fields, context, redaction, exception, call site', () => {
    function submitJob() {
      LogContext.run({ user_id: 1 }, () => {
        logger.error('Failed', { job_id: 5, api_key: 'abc', error: new Error('no such video') })
      })
    }
    submitJob()
    expect(logs.records).toEqual([
      {
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        level: 'ERROR',
        logger: 'job_processor',
        message: 'Failed',
        module: 'testing.test',
        function: null,
        line: expect.any(Number) as number,
        fields: { user_id: 1, job_id: 5, api_key: '[redacted]', error: 'Error: no such video' },
        exception: expect.stringContaining('Error: no such video\n    at ') as string,
      },
    ])
  })

  it('begins each test without the records of the one before, at DEBUG', () => {
    expect(logs.records).toEqual([])
    logger.debug('Detail')
    expect(logs.messages).toEqual(['Detail'])
    logs.clear()
    expect(logs.messages).toEqual([])
  })
})

describe('collectLogs', () => {
  it('takes what a set-up logging would write, touches no file, and gives logging and its level back', async () => {
    const cwd = await tempDir()
    const { file } = setupLogging({ component: 'backend', cwd, env: {}, handleSignals: false })
    await flushLogging()
    const before = readFileSync(file, 'utf8')
    const logs = collectLogs()
    try {
      logger.debug('Collected')
      await flushLogging()
      expect(readFileSync(file, 'utf8')).toBe(before)
    } finally {
      logs.stop()
      logs.stop()
    }
    logger.debug('Below the level again')
    logger.info('Written')
    await closeLogging()
    expect(logs.messages).toEqual(['Collected'])
    expect(readFileSync(file, 'utf8')).toMatch(/- Written\n/)
    expect(readFileSync(file, 'utf8')).not.toMatch(/Below|Collected/)
  })

  it('goes on when the code under test sets up and closes logging', async () => {
    const logs = collectLogs({ level: 'INFO', service: 'pixsim7' })
    try {
      setupLogging({
        component: 'backend',
        cwd: await tempDir(),
        env: {},
        level: 'DEBUG',
        handleSignals: false,
      })
      logger.debug('Below the level of the collection')
      logger.info('During')
      await closeLogging()
      logger.info('After')
      expect(logs.records.map(({ message, fields }) => [message, fields['service']])).toEqual([
        ['During', 'pixsim7'],
        ['After', 'pixsim7'],
      ])
    } finally {
      logs.stop()
    }
  })

  it('keeps the newest records within maxRecords and counts the others', () => {
    const logs = collectLogs({ maxRecords: 3 })
    for (let n = 1; n <= 5; n++) logger.info(`Line ${n}`)
    logs.stop()
    expect(logs.messages).toEqual(['Line 3', 'Line 4', 'Line 5'])
    expect(logs.droppedCount).toBe(2)
  })

  it('refuses a second collection and options that cannot be used', () => {
    const logs = collectLogs()
    expect(() => collectLogs()).toThrow(
      expect.objectContaining({ code: 'LOGGING_ALREADY_COLLECTING' }) as Error,
    )
    logs.stop()
    expect(() => collectLogs({ level: 'loud' as never })).toThrow(/cannot use level loud/)
    expect(() => collectLogs({ maxRecords: 0 })).toThrow(/maxRecords 0/)
    collectLogs().stop()
  })
})

describe('with node:test', () => {
  it('collects per test and leaves no file behind', async () => {
    const cwd = await tempDir()
    const program = path.join(import.meta.dirname, '../test/programs/collect-with-node-test.mjs')
    const { code, stdout, stderr } = await runProgram(process.execPath, ['--test-reporter=tap', program], {
      cwd,
    })
    expect(stdout).toMatch(/# pass 2\n# fail 0/)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(readdirSync(cwd)).toEqual([])
  })
})
