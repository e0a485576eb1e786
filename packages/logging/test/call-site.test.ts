import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseJsonLine } from '@pixsim7/record'
import { runProgram, tempDir } from '@pixsim7/testkit'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const LIBRARY = pathToFileURL(path.join(import.meta.dirname, '..', 'dist', 'index.js')).href

/** Each message names the place it is logged at: function and line of this text. */
const SOURCE = `import { getLogger, setupLogging } from '${LIBRARY}'

interface Removed {
  by: 'the compiler'
}

setupLogging({ component: 'backend', captureConsole: true })
const logger = getLogger('x')

class JobProcessor {
  constructor(readonly unused?: Removed) {
    logger.info('JobProcessor.constructor 12')
  }
  process(): void {
    logger.info('JobProcessor.process 15')
    const inner = () => logger.info('inner 16')
    inner()
    ;[1].forEach(() => logger.info('null 18'))
  }
  async later(): Promise<void> {
    await null
    logger.warn('JobProcessor.later 22')
  }
  static create(): JobProcessor {
    logger.error('JobProcessor.create 25')
    return new JobProcessor()
  }
  get size(): number {
    logger.with({ a: 1 }).info('JobProcessor.size 29')
    return 1
  }
}

function plain(): void {
  logger.critical('plain 35')
  console.log('plain 36')
}

const job = JobProcessor.create()
job.process()
await job.later()
void job.size
plain()
logger.info('null 44')
const error = new Error('thrown at 45')
logger.error('null 46', { error })
`

async function run(kind: 'beside' | 'inline' | 'none', env: Record<string, string> = {}) {
  const cwd = await tempDir()
  mkdirSync(path.join(cwd, 'dist'))
  const compiled = ts.transpileModule(SOURCE, {
    fileName: 'job_processor.ts',
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      sourceMap: kind === 'beside',
      inlineSourceMap: kind === 'inline',
      inlineSources: true,
      removeComments: true,
    },
  })
  writeFileSync(
    path.join(cwd, 'dist', 'job_processor.mjs'),
    compiled.outputText.replace('job_processor.js.map', 'x.map'),
  )
  if (kind === 'beside') writeFileSync(path.join(cwd, 'dist', 'x.map'), compiled.sourceMapText ?? '')
  const { code, stderr } = await runProgram(process.execPath, ['dist/job_processor.mjs'], {
    cwd,
    env: { JSON_LOGS: 'true', ...env },
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return readFileSync(path.join(cwd, 'data/logs/backend.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => parseJsonLine(line))
    .filter((record) => record?.logger !== 'pixsim7.logging')
}

describe('call sites', () => {
  it.each(['beside', 'inline'] as const)('are those of the TypeScript source, its map %s', async (kind) => {
    const records = await run(kind)
    expect(records).toHaveLength(11)
    for (const record of records) {
      expect(`${record?.function} ${record?.line}`).toBe(record?.message)
      expect(record?.module).toBe('job_processor')
    }
    expect(records.at(-1)?.exception).toMatch(/^Error: thrown at 45\n {4}at \/.*job_processor\.ts:45:\d+$/)
  })

  it('are those of the running code without a source map', async () => {
    const records = await run('none')
    expect(records.map((record) => record?.function ?? 'null')).toEqual(
      records.map((record) => record?.message.split(' ')[0]),
    )
    expect(records.some((record) => `${record?.function ?? null} ${record?.line}` !== record?.message)).toBe(
      true,
    )
  })

  it('can be switched off', async () => {
    for (const record of await run('beside', { LOG_CALL_SITE: 'off' })) {
      expect(record).toMatchObject({ module: null, function: null, line: null })
    }
  })
})
