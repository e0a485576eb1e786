import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseJsonLine, type LogRecord } from '@pixsim7/record'
import { runProgram, tempDir } from '@pixsim7/testkit'
import * as esbuild from 'esbuild'
import ts from 'typescript'
import { build as viteBuild } from 'vite'
import { describe, expect, it } from 'vitest'
import { callSites, esbuildCallSites } from '../dist/build-plugin.js'

const PACKAGE = path.join(import.meta.dirname, '..')
const HOOK = ['--import', '@pixsim7/logging/register']

/**
 * Each message begins with the function it is logged in, and stands on the line of its call. Capturing places at run time is out of
 * order, so all that is in the lines was written into the code.
 */
const SOURCE = `import { getLogger as makeLogger, setupLogging, type Logger } from '@pixsim7/logging'
interface Removed {
  by: 'the compiler'
}
Error.captureStackTrace = (() => {
  throw new Error('no places at run time')
}) as never
setupLogging({ component: 'backend' })
const aliased = makeLogger('x')

class JobProcessor {
  readonly log = makeLogger('jobs')
  #hidden = makeLogger('hidden')
  handler = (): void => this.log.info('JobProcessor.handler: a class field')
  constructor(unused?: Removed) {
    aliased.info('JobProcessor.constructor: a constructor')
  }
  process(): void {
    this.log.info('JobProcessor.process: a method')
    const inner = (): void => this.#hidden.debug('never') ?? this.#hidden.info('inner: an arrow function')
    inner()
    ;[1].forEach(() => aliased.info('null: a function without name'))
    function nested(): void {
      aliased.warning('nested: a nested function')
    }
    nested()
  }
  async later(): Promise<void> {
    await null
    aliased.warn('JobProcessor.later: an async method')
  }
  *each(): Generator<number> {
    aliased.info('JobProcessor.each: a generator')
    yield 1
  }
  #own(): void {
    aliased.info('JobProcessor.#own: a private method')
  }
  static create(): JobProcessor {
    aliased.error('JobProcessor.create: a static method')
    return new JobProcessor()
  }
  get size(): number {
    this.#own()
    aliased.with({ a: 1 }).info('JobProcessor.size: a getter')
    return 1
  }
}

const api = {
  start(): void {
    aliased.info('start: a method of an object')
  },
  stop: async (): Promise<void> => {
    await null
    aliased.fatal('stop: an async arrow function of an object')
  },
}

function plain(log: Logger | undefined): string {
  log?.critical('plain: an optional call')
  aliased
    .with({ text: \`aliased.info('no call') \${aliased.isEnabled('info') ? /aliased.info\\('/.source : 1}\` })
    .info('plain: a chain of several lines')
  aliased.info('plain: the outer of two', { answer: logged() })
  return String.raw\`tagged \${log?.name}\`
}
function logged(): number {
  aliased.info('logged: the inner of two')
  return 1
}

const job = JobProcessor.create()
job.process()
job.handler()
await job.later()
for (const _ of job.each()) void job.size
api.start()
await api.stop()
plain(aliased)
aliased.info('null: the top level')
try {
  aliased.info('null: before a throw', { a: 1 }); throw new TypeError('thrown')
} catch (error) {
  aliased.info('null: an error', { error })
}
`

const MESSAGES = [...SOURCE.matchAll(/'((?:[\w.#]+): [^']+)'/g)].map((match) => match[1] as string)
const THROWN_LINE = lineOf('new TypeError')

function lineOf(text: string): number {
  return SOURCE.slice(0, SOURCE.indexOf(text)).split('\n').length
}

/** The same without `await` at the top, which CommonJS does not know. */
const SOURCE_IN_FUNCTION = SOURCE.replace('const job =', 'export default (async () => { const job =').concat(
  '})()\n',
)

async function folderWithLibrary(): Promise<string> {
  const folder = await tempDir()
  mkdirSync(path.join(folder, 'node_modules/@pixsim7'), { recursive: true })
  symlinkSync(PACKAGE, path.join(folder, 'node_modules/@pixsim7/logging'))
  for (const name of ['tsx', 'esbuild'])
    symlinkSync(path.join(PACKAGE, '../../node_modules', name), path.join(folder, 'node_modules', name))
  mkdirSync(path.join(folder, 'src'))
  mkdirSync(path.join(folder, 'dist'))
  return folder
}

async function run(
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<LogRecord[]> {
  const { code, stderr } = await runProgram(process.execPath, [...args], {
    cwd: folder,
    env: { JSON_LOGS: 'true', LOG_LEVEL: 'INFO', ...env },
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return readFileSync(path.join(folder, 'data/logs/backend.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => parseJsonLine(line) as LogRecord)
    .filter((record) => record.logger !== 'pixsim7.logging')
}

/** What is wrong with the places of the records, one line for each. */
function mistakes(
  records: readonly LogRecord[],
  options: { names?: boolean; topLevel?: string } = {},
): string[] {
  const found: string[] = []
  const seen = new Set(records.map(({ message }) => message))
  for (const message of MESSAGES) if (!seen.has(message)) found.push(`missing: ${message}`)
  for (const record of records) {
    const wanted = record.message.split(':')[0] as string
    const place = `${record.module} ${record.function ?? 'null'} ${record.line}`
    const name = options.names === false ? (record.function ?? 'null') : wanted
    if (place !== `job_processor ${name} ${lineOf(`'${record.message}'`)}`)
      found.push(`${place}, message ${record.message}`)
  }
  return found
}

/** The first line of the stack of the error that is logged at the end. */
function thrownAt(records: readonly LogRecord[]): string | undefined {
  return records.at(-1)?.exception?.split('\n')[1]
}

function compile(source: string, module: ts.ModuleKind, map: 'beside' | 'inline') {
  const { outputText, sourceMapText } = ts.transpileModule(source, {
    fileName: 'job_processor.ts',
    compilerOptions: {
      module,
      target: ts.ScriptTarget.ES2022,
      sourceMap: map === 'beside',
      inlineSourceMap: map === 'inline',
      removeComments: true,
      esModuleInterop: true,
    },
  })
  return { outputText, sourceMapText }
}

describe('the load hook', () => {
  it.each(['beside', 'inline'] as const)('writes the places of an ES module, its map %s', async (map) => {
    const folder = await folderWithLibrary()
    const { outputText, sourceMapText } = compile(SOURCE, ts.ModuleKind.ESNext, map)
    writeFileSync(path.join(folder, 'dist/app.mjs'), outputText.replace('job_processor.js.map', 'app.map'))
    if (map === 'beside') writeFileSync(path.join(folder, 'dist/app.map'), sourceMapText ?? '')
    const records = await run(folder, [...HOOK, 'dist/app.mjs'])
    expect(mistakes(records)).toEqual([])
    expect(thrownAt(records)).toMatch(new RegExp(`/job_processor\\.ts:${THROWN_LINE}:\\d+`))
    // Without the hook there are none: this is what the test relies on.
    const without = await run(folder, ['dist/app.mjs'])
    expect(without.at(-1)).toMatchObject({ module: null, function: null, line: null })
  })

  it.each([
    ['dist/app.cjs', 'the file itself'],
    ['dist/main.mjs', 'imported by an ES module'],
    ['dist/main.cjs', 'required by another file'],
    ['dist/created.mjs', 'required by createRequire'],
  ])('writes the places of CommonJS: %s, %s', async (main) => {
    const folder = await folderWithLibrary()
    const { outputText } = compile(SOURCE_IN_FUNCTION, ts.ModuleKind.CommonJS, 'inline')
    expect(outputText).toMatch(/^"use strict"/)
    writeFileSync(path.join(folder, 'dist/app.cjs'), outputText)
    writeFileSync(path.join(folder, 'dist/main.mjs'), `import './app.cjs'`)
    writeFileSync(path.join(folder, 'dist/main.cjs'), `require('./app.cjs')`)
    writeFileSync(
      path.join(folder, 'dist/created.mjs'),
      `import { createRequire } from 'node:module'\ncreateRequire(import.meta.url)('./app.cjs')`,
    )
    const records = await run(folder, [...HOOK, main])
    expect(mistakes(records)).toEqual([])
  })

  it.each(['esm', 'cjs'] as const)(
    'finds its way through minified output by the source map, %s',
    async (format) => {
      const folder = await folderWithLibrary()
      writeFileSync(path.join(folder, 'src/job_processor.ts'), SOURCE_IN_FUNCTION)
      const file = `dist/app.${format === 'esm' ? 'mjs' : 'cjs'}`
      await esbuild.build({
        entryPoints: [path.join(folder, 'src/job_processor.ts')],
        outfile: path.join(folder, file),
        format,
        minify: true,
        sourcemap: true,
        target: 'node20',
      })
      expect(readFileSync(path.join(folder, file), 'utf8').trimEnd().split('\n').length).toBeLessThan(6)
      for (const flags of [[], ['--enable-source-maps']]) {
        const records = await run(folder, [...flags, ...HOOK, file])
        expect(mistakes(records, { names: false })).toEqual([])
        expect(thrownAt(records)).toMatch(new RegExp(`/job_processor\\.ts:${THROWN_LINE}:\\d+`))
        // Names of methods are not minified.
        expect(records.map((record) => record.function?.replace(/^.*\./, ''))).toContain('later')
      }
    },
  )

  it('works after tsx, on TypeScript that is never built', async () => {
    const folder = await folderWithLibrary()
    writeFileSync(path.join(folder, 'src/job_processor.ts'), SOURCE)
    writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
    const records = await run(folder, ['--import', 'tsx', ...HOOK, 'src/job_processor.ts'])
    expect(mistakes(records)).toEqual([])
  })

  // From Node 22.18 on.
  it.runIf((process.features as { typescript?: unknown }).typescript)(
    'works on TypeScript whose types Node itself takes out',
    async () => {
      const folder = await folderWithLibrary()
      writeFileSync(path.join(folder, 'src/job_processor.ts'), SOURCE)
      writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
      const records = await run(folder, [
        '--disable-warning=ExperimentalWarning',
        ...HOOK,
        'src/job_processor.ts',
      ])
      expect(mistakes(records)).toEqual([])
    },
  )

  it('leaves alone what it cannot read, and the program runs', async () => {
    const folder = await folderWithLibrary()
    writeFileSync(
      path.join(folder, 'src/job_processor.ts'),
      SOURCE.replace('throw new Error', 'void new Error'),
    )
    writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
    // Before tsx, so the hook is given TypeScript.
    const records = await run(folder, [...HOOK, '--import', 'tsx', 'src/job_processor.ts'])
    expect(records.length).toBe(MESSAGES.length)
  })

  it('works in worker threads', async () => {
    const folder = await folderWithLibrary()
    writeFileSync(
      path.join(folder, 'dist/app.mjs'),
      compile(SOURCE, ts.ModuleKind.ESNext, 'inline').outputText,
    )
    writeFileSync(
      path.join(folder, 'dist/main.mjs'),
      `import { Worker } from 'node:worker_threads'\nnew Worker(new URL('./app.mjs', import.meta.url))`,
    )
    expect(mistakes(await run(folder, [...HOOK, 'dist/main.mjs']))).toEqual([])
  })

  it('can be switched off like places captured at run time', async () => {
    const folder = await folderWithLibrary()
    writeFileSync(
      path.join(folder, 'dist/app.mjs'),
      compile(SOURCE, ts.ModuleKind.ESNext, 'inline').outputText,
    )
    for (const record of await run(folder, [...HOOK, 'dist/app.mjs'], { LOG_CALL_SITE: 'off' }))
      expect(record).toMatchObject({ module: null, function: null, line: null })
  })
})

describe('the build plugin', () => {
  it.each([false, true])('writes the places in a bundle of esbuild, minified: %s', async (minify) => {
    const folder = await folderWithLibrary()
    writeFileSync(path.join(folder, 'src/job_processor.ts'), SOURCE)
    writeFileSync(path.join(folder, 'src/main.ts'), `import './job_processor'`)
    await esbuild.build({
      entryPoints: [path.join(folder, 'src/main.ts')],
      outfile: path.join(folder, 'dist/app.mjs'),
      bundle: true,
      external: ['@pixsim7/logging'],
      format: 'esm',
      platform: 'node',
      minify,
      sourcemap: true,
      plugins: [esbuildCallSites()],
    })
    const records = await run(folder, ['dist/app.mjs'])
    expect(mistakes(records)).toEqual([])
    expect(thrownAt(records)).toMatch(new RegExp(`/job_processor\\.ts:${THROWN_LINE}:\\d+`))
  })

  it('writes the places in a bundle of Vite', async () => {
    const folder = await folderWithLibrary()
    writeFileSync(path.join(folder, 'src/job_processor.ts'), SOURCE)
    await viteBuild({
      root: folder,
      configFile: false,
      logLevel: 'silent',
      plugins: [callSites()],
      build: {
        ssr: path.join(folder, 'src/job_processor.ts'),
        outDir: 'dist',
        target: 'node20',
        sourcemap: true,
        minify: true,
        rollupOptions: { output: { entryFileNames: 'app.mjs' } },
      },
      ssr: { external: ['@pixsim7/logging'] },
    })
    const records = await run(folder, ['dist/app.mjs'])
    expect(mistakes(records)).toEqual([])
    expect(thrownAt(records)).toMatch(new RegExp(`/job_processor\\.ts:${THROWN_LINE}:\\d+`))
  })
})
