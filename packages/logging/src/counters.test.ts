import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { parseJsonLine } from '@pixsim7/record'
import { tempDir, waitFor } from '@pixsim7/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { closeLogging, flushLogging, loggingCounters } from './lifetime.ts'
import { getLogger } from './logger.ts'
import { setupLogging } from './setup.ts'

afterEach(closeLogging)

async function setup() {
  const cwd = await tempDir()
  return setupLogging({
    component: 'backend',
    cwd,
    env: {},
    json: true,
    level: 'DEBUG',
    memoryBytes: 64 * 1024,
    handleSignals: false,
    captureUncaught: false,
    captureWarnings: false,
    console: 'off',
  })
}

describe('counters', () => {
  it('are kept by file and level', async () => {
    const { file, errorFile } = await setup()
    const logger = getLogger('x')
    for (let n = 0; n < 3; n++) logger.debug('d')
    logger.warning('w', { password: 'p', token: 't' })
    logger.error('e', { password: 'p' })
    logger.critical('c')
    await flushLogging()
    const counters = loggingCounters()
    expect(counters).toMatchObject({ written: 9, dropped: 0, redacted: 3, suppressed: 0, failed: 0 })
    const [own, errors] = counters?.files ?? []
    expect([own?.file, errors?.file]).toEqual([file, errorFile])
    const written = (of: typeof own) => Object.values(of?.levels ?? {}).map((level) => level.written)
    // Its own "Logging started" is the INFO.
    expect([written(own), written(errors)]).toEqual([
      [3, 1, 1, 1, 1],
      [0, 0, 0, 1, 1],
    ])
    expect(own?.levels.WARNING.redacted).toBe(2)
    expect([own?.redacted, errors?.redacted]).toEqual([3, 1])
  })

  it('tell dropped lines and failed writes by level, and that nothing else was lost', async () => {
    const { file } = await setup()
    await flushLogging()
    renameSync(file, `${file}.away`)
    mkdirSync(file)
    await waitFor(() => {
      getLogger('x').warning('Is it failing?')
      void flushLogging().catch(() => undefined)
      return (loggingCounters()?.failed ?? 0) > 0
    })
    for (let n = 0; n < 2000; n++) getLogger('x').debug('d'.repeat(100), { n })
    rmSync(file, { recursive: true })
    await waitFor(() => {
      void flushLogging().catch(() => undefined)
      return (loggingCounters()?.dropped ?? 0) > 0
    })
    await flushLogging()
    const debug = loggingCounters()?.files[0]?.levels.DEBUG
    const kept = readFileSync(file, 'utf8').split('\n').filter((line) => line.includes('"DEBUG"')).length // prettier-ignore
    expect(debug).toMatchObject({ written: kept, dropped: 2000 - kept })
    expect(loggingCounters()?.files[0]?.levels.WARNING.failed).toBeGreaterThan(0)
  })

  it('are logged each minute in which one changed, by file and level where not 0', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const { file, errorFile } = await setup()
      getLogger('x').error('e', { password: 'p' })
      await flushLogging()
      vi.advanceTimersByTime(60_000)
      vi.advanceTimersByTime(60_000)
      await flushLogging()
      const lines = readFileSync(file, 'utf8').split('\n')
      const reports = lines.filter((line) => line.includes('"event":"counters"'))
      expect(reports.map((line) => parseJsonLine(line))).toMatchObject([
        {
          logger: 'pixsim7.logging',
          fields: {
            written: 3,
            redacted: 1,
            suppressed: 0,
            files: [
              { file, written: { info: 1, error: 1 }, redacted: { error: 1 } },
              { file: errorFile, written: { error: 1 }, redacted: { error: 1 } },
            ],
          },
        },
      ])
    } finally {
      vi.useRealTimers()
    }
  })
})
