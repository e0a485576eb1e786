import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { requireTool, runProgram, tempDir } from '@pixsim7/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { LoggingError } from './errors.ts'
import { closeLogging } from './lifetime.ts'
import { setting } from './settings/declaration.ts'
import { port } from './settings/parsers.ts'
import { formatStartup, setupLogging } from './setup.ts'
import type { SetupOptions } from './setup-options.ts'

afterEach(closeLogging)

const base = { component: 'backend', handleSignals: false } as const

function failure(options: SetupOptions): LoggingError {
  try {
    setupLogging(options)
  } catch (error) {
    expect(error).toBeInstanceOf(LoggingError)
    return error as LoggingError
  }
  throw new Error('setupLogging took what it should refuse')
}

describe('where a component writes', () => {
  it.each<[component: string, env: Record<string, string>, file: string]>([
    ['backend', {}, 'data/logs/backend.log'],
    ['worker', {}, 'data/logs/worker.log'],
    ['indexer', {}, 'data/logs/indexer.log'],
    ['backend', { LOG_FILE: 'x/api.log', WORKER_LOG_FILE: 'no.log' }, 'x/api.log'],
    ['worker', { WORKER_LOG_FILE: 'x/w.log', LOG_FILE: 'no.log' }, 'x/w.log'],
    ['job-indexer', { JOB_INDEXER_LOG_FILE: 'i.log' }, 'i.log'],
    ['indexer', { LOG_DIR: 'elsewhere' }, 'elsewhere/indexer.log'],
  ])('%s with %j: %s', async (component, env, expected) => {
    const cwd = await tempDir()
    const setup = setupLogging({ ...base, component, cwd, env })
    expect(setup.file).toBe(path.join(cwd, expected))
    expect(setup.errorFile).toBe(path.join(cwd, env['LOG_DIR'] ?? 'data/logs', 'errors.log'))
    expect(existsSync(setup.file) && existsSync(setup.errorFile)).toBe(true)
  })

  it('is said at start', async () => {
    const cwd = await tempDir()
    writeFileSync(path.join(cwd, '.env'), 'LOG_LEVEL=DEBUG')
    expect(formatStartup(setupLogging({ ...base, cwd, env: { JSON_LOGS: 'true' } }))).toBe(
      `backend logs to ${cwd}/data/logs/backend.log + ${cwd}/data/logs/errors.log ` +
        `(JSON, DEBUG and above; settings from the environment and ${cwd}/.env)`,
    )
  })

  it('has the modes 0640 and 0750 whatever the umask', async () => {
    const cwd = await tempDir()
    const before = process.umask(0)
    try {
      const { file } = setupLogging({ ...base, cwd, env: {} })
      expect((statSync(file).mode & 0o777).toString(8)).toBe('640')
      expect((statSync(path.dirname(file)).mode & 0o777).toString(8)).toBe('750')
    } finally {
      process.umask(before)
    }
  })
})

describe('options', () => {
  it('win over the environment, which wins over .env', async () => {
    const cwd = await tempDir()
    writeFileSync(path.join(cwd, '.env'), 'LOG_LEVEL=DEBUG\nJSON_LOGS=true\nLOG_FILE=env-file.log')
    const setup = setupLogging({
      ...base,
      cwd,
      env: { LOG_LEVEL: 'ERROR', LOG_FILE: 'environment.log' },
      file: 'option.log',
    })
    expect(setup).toMatchObject({ level: 'ERROR', isJson: true, file: path.join(cwd, 'option.log') })
  })

  it('are checked too', async () => {
    const cwd = await tempDir()
    const wrong = {
      ...base,
      cwd,
      env: {},
      component: '../x',
      level: 'loud',
      json: 'yes',
      console: 'tv',
      flushIntervalMs: -1,
      memoryBytes: 5,
      file: '',
    } as unknown as SetupOptions
    expect(
      failure(wrong)
        .problems.map(({ name }) => name)
        .sort(),
    ).toEqual(['component', 'console', 'file', 'flushIntervalMs', 'json', 'level', 'memoryBytes'])
  })
})

describe('bad settings', () => {
  it('are refused all at once, the application’s own among them, with value, place and expected form', async () => {
    const cwd = await tempDir()
    const file = path.join(cwd, '.env')
    writeFileSync(file, 'JSON_LOGS=maybe\nLOG_MEMORY=64\n')
    mkdirSync(path.join(cwd, 'folder'))
    const error = failure({
      ...base,
      cwd,
      env: {
        LOG_LEVEL: 'LOUD',
        LOG_FLUSH_INTERVAL: '50',
        LOG_CONSOLE: 'tv',
        LOG_CALL_SITE: 'no',
        LOG_FILE: 'folder',
        PORT: 'x',
      },
      settings: { port: setting('PORT', port(), { default: '8001', doc: 'Port' }) },
    })
    expect(error.code).toBe('LOGGING_SETTINGS_INVALID')
    expect(error.problems).toMatchObject([
      {
        name: 'LOG_LEVEL',
        value: 'LOUD',
        source: 'environment',
        expected: 'one of DEBUG, INFO, WARNING, ERROR, CRITICAL',
      },
      { name: 'JSON_LOGS', value: 'maybe', source: file, expected: 'true or false' },
      { name: 'LOG_CONSOLE', value: 'tv' },
      { name: 'LOG_CALL_SITE', value: 'no' },
      { name: 'LOG_FLUSH_INTERVAL', value: '50' },
      { name: 'LOG_MEMORY', value: '64', source: file },
      { name: 'PORT', value: 'x' },
      { name: 'LOG_FILE', value: path.join(cwd, 'folder') },
    ])
    for (const { name } of error.problems) expect(error.message).toContain(name)
  })

  it('start nothing: logging can be set up afterwards', async () => {
    const cwd = await tempDir()
    failure({ ...base, cwd, env: { LOG_LEVEL: 'LOUD' } })
    setupLogging({ ...base, cwd, env: {} })
    expect(failure({ ...base, cwd, env: {} }).code).toBe('LOGGING_ALREADY_SET_UP')
  })

  it.each(['folder', 'link', 'missing/below/file/x.log'])(
    'a file that is or lies in %s is refused',
    async (kind) => {
      const cwd = await tempDir()
      mkdirSync(path.join(cwd, 'folder'))
      writeFileSync(path.join(cwd, 'target'), '')
      symlinkSync(path.join(cwd, 'target'), path.join(cwd, 'link'))
      mkdirSync(path.join(cwd, 'missing'))
      writeFileSync(path.join(cwd, 'missing', 'below'), 'a file where a folder should be')
      const { problems } = failure({ ...base, cwd, env: { ERROR_LOG_FILE: kind } })
      expect(problems).toMatchObject([
        { name: 'ERROR_LOG_FILE', value: path.join(cwd, kind), source: 'environment' },
      ])
    },
  )

  it('a FIFO is refused without waiting for a reader', async (context) => {
    const mkfifo = await requireTool(context, 'mkfifo')
    const cwd = await tempDir()
    await runProgram(mkfifo, [path.join(cwd, 'pipe')])
    expect(failure({ ...base, cwd, env: { LOG_FILE: 'pipe' } }).message).toContain('a named pipe')
  })

  it('one file for both is refused', async () => {
    const cwd = await tempDir()
    const { problems } = failure({ ...base, cwd, env: { LOG_FILE: 'a.log', ERROR_LOG_FILE: './a.log' } })
    expect(problems).toMatchObject([{ name: 'ERROR_LOG_FILE' }])
    expect(failure({ ...base, component: 'errors', cwd, env: {} }).problems).toHaveLength(1)
  })

  it('a folder without write permission is refused', async (context) => {
    const cwd = await tempDir()
    chmodSync(cwd, 0o755)
    const locked = path.join(cwd, 'locked')
    mkdirSync(locked, { mode: 0o555 })
    const script = path.join(import.meta.dirname, '..', 'test', 'programs', 'setup-only.mjs')
    // Root may write anywhere.
    const [command, ...args] =
      process.getuid?.() === 0
        ? [
            await requireTool(context, 'setpriv'),
            '--reuid=65534',
            '--regid=65534',
            '--clear-groups',
            process.execPath,
            script,
          ]
        : [process.execPath, script]
    const { code, stderr } = await runProgram(command ?? '', args, { cwd, env: { LOG_DIR: 'locked' } })
    expect(stderr).toContain('LOG_FILE=')
    expect(stderr).toContain('ERROR_LOG_FILE=')
    expect(stderr).toContain('EACCES')
    expect(code).toBe(1)
  })
})

it('importing the package reads no settings and opens nothing', async () => {
  const cwd = await tempDir()
  const script = path.join(import.meta.dirname, '..', 'test', 'programs', 'import-only.mjs')
  const { stdout, stderr, code } = await runProgram(process.execPath, [script], {
    cwd,
    env: { LOG_LEVEL: 'LOUD' },
  })
  expect({ stdout, stderr, code }).toEqual({ stdout: 'read: \n', stderr: '', code: 0 })
  expect(readdirSync(cwd)).toEqual([])
})
