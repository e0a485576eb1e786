import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { tempDir } from '@pixsim7/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { LICENSE, makeConsumer, missingExports, type Consumer } from './consumer.ts'

let consumer: Consumer

beforeAll(async () => {
  consumer = await makeConsumer()
})

/** A program that uses every entry of the package, as a module and typed; `{{place}}` is what tells the runs apart. */
const PROGRAM = `
  setupLogging({ component: '{{place}}', json: true, env: {} })
  getLogger('app').info('Hello from {{place}}', { job_id: 5, password: 'hunter2' })
  pinoLogger({ name: 'lib' }).child({ user_id: 1 }).info('Job %d', 5)
  LogContext.run({ user_id: 1 }, () => getLogger('app').warning('In a context'))
  const logs = collectLogs()
  getLogger('app').error('Collected')
  logs.stop()
  console.log(logs.messages.join())
  void closeLogging()
`
const NAMES = ['setupLogging', 'getLogger', 'LogContext', 'closeLogging'].join(', ')
const ESM = `
  import { ${NAMES} } from '@pixsim7/logging'
  import { collectLogs } from '@pixsim7/logging/testing'
  import { pinoLogger } from '@pixsim7/logging/adapters/pino'
${PROGRAM}`
const CJS = `
  const { ${NAMES} } = require('@pixsim7/logging')
  const { collectLogs } = require('@pixsim7/logging/testing')
  const { pinoLogger } = require('@pixsim7/logging/adapters/pino')
${PROGRAM}`
const EXPECTED = (place: string) => ['Logging started', `Hello from ${place}`, 'Job 5', 'In a context']

const place = (program: string, name: string) => program.replaceAll('{{place}}', name)
const QUIET = '--disable-warning=ExperimentalWarning'

/** Runs a bundle where there is no node_modules at all. */
async function runAlone(name: string, bundle: string): Promise<void> {
  const alone = await tempDir()
  const target = path.join(alone, path.basename(bundle))
  copyFileSync(path.join(consumer.dir, bundle), target)
  expect(await consumer.node(target)).toBe('Collected\n')
  expect(consumer.takeMessages(name)).toEqual(EXPECTED(name))
}

describe('the packed library', () => {
  it('has all that its exports name, its licence, and nothing but programs and types', () => {
    for (const name of ['logging', 'files', 'record']) {
      const folder = path.join(consumer.dir, 'node_modules/@pixsim7', name)
      expect(missingExports(consumer, `@pixsim7/${name}`)).toEqual([])
      expect(readFileSync(path.join(folder, 'LICENSE'), 'utf8')).toBe(LICENSE)
      const files = readdirSync(path.join(folder, 'dist'), { recursive: true, withFileTypes: true })
      const others = files.filter((file) => file.isFile() && !/\.(?:js|d\.ts)$/.test(file.name))
      expect(others.map((file) => file.name)).toEqual([])
    }
  })

  it('runs as an ES module', async () => {
    consumer.write('app.mjs', place(ESM, 'esm'))
    expect(await consumer.node('app.mjs')).toBe('Collected\n')
    expect(consumer.takeMessages('esm')).toEqual(EXPECTED('esm'))
  })

  it('runs in CommonJS, and is one library for both', async () => {
    consumer.write('app.cjs', place(CJS, 'cjs'))
    expect(await consumer.node(QUIET, 'app.cjs')).toBe('Collected\n')
    expect(consumer.takeMessages('cjs')).toEqual(EXPECTED('cjs'))
    consumer.write(
      'both.cjs',
      "import('@pixsim7/logging').then((esm) => console.log(esm.getLogger === require('@pixsim7/logging').getLogger))",
    )
    expect(await consumer.node(QUIET, 'both.cjs')).toBe('true\n')
  })

  it('runs with its load hook', async () => {
    consumer.write('hooked.mjs', place(ESM, 'hooked'))
    expect(await consumer.node('--import', '@pixsim7/logging/register', 'hooked.mjs')).toBe('Collected\n')
    expect(consumer.takeMessages('hooked')).toEqual(EXPECTED('hooked'))
  })

  it('has types that fit, and that find mistakes, in modules and CommonJS', async () => {
    consumer.write('typed.mts', place(ESM, 'typed'))
    consumer.write('typed.cts', place(ESM, 'typed'))
    consumer.write(
      'wrong.mts',
      "import { setupLogging } from '@pixsim7/logging'\nsetupLogging({})\nsetupLogging({ component: 'a', level: 'loud' })\n",
    )
    const check = async (files: string, ...more: string[]) => {
      const options = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', ...more]
      const { code, stdout } = await consumer.tool('typescript/bin/tsc', ...options, ...files.split(' '))
      return { code, stdout }
    }
    // Without skipLibCheck: the declarations themselves are compiled.
    expect(await check('typed.mts typed.cts', '--module', 'nodenext')).toEqual({ code: 0, stdout: '' })
    expect(await check('typed.mts', '--module', 'esnext', '--moduleResolution', 'bundler')).toEqual({
      code: 0,
      stdout: '',
    })
    const wrong = (await check('wrong.mts', '--module', 'nodenext', '--skipLibCheck')).stdout
    expect(wrong).toContain("Property 'component' is missing")
    expect(wrong).toContain('\'"loud"\' is not assignable')
  })

  it.each(['esm', 'cjs'])('is bundled by esbuild to %s, which runs without node_modules', async (format) => {
    const name = `esbuild-${format}`
    consumer.write('bundled.ts', place(ESM, name))
    const out = `${name}.${format === 'esm' ? 'mjs' : 'cjs'}`
    consumer.write(
      'bundle.mjs',
      `import { build } from 'esbuild'
       const { errors, warnings } = await build({
         entryPoints: ['bundled.ts'], bundle: true, platform: 'node', format: '${format}', minify: true, sourcemap: true, outfile: '${out}',
       })
       console.log(JSON.stringify([...errors, ...warnings]))`,
    )
    expect(await consumer.node('bundle.mjs')).toBe('[]\n')
    await runAlone(name, out)
  })

  it('is bundled by Vite, and the bundle runs without node_modules', async () => {
    consumer.write('vite-entry.ts', place(ESM, 'vite'))
    consumer.write(
      'vite.config.mjs',
      `export default {
        ssr: { noExternal: true },
        build: { ssr: 'vite-entry.ts', outDir: 'vite-out', rollupOptions: { output: { entryFileNames: '[name].mjs' } } },
      }`,
    )
    const { code, stdout, stderr } = await consumer.tool('vite/bin/vite.js', 'build')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toMatch(/warn/i)
    await runAlone('vite', 'vite-out/vite-entry.mjs')
  })

  it('runs with tsx, with the place in the TypeScript source', async () => {
    consumer.write('app.ts', place(ESM, 'tsx'))
    const { code, stdout, stderr } = await consumer.tool('tsx/dist/cli.mjs', 'app.ts')
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'Collected\n', stderr: '' })
    const lines = readFileSync(path.join(consumer.dir, 'data/logs/tsx.log'), 'utf8').trimEnd().split('\n')
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ module: 'app', line: 7, password: '[redacted]' })
    expect(consumer.takeMessages('tsx')).toEqual(EXPECTED('tsx'))
  })

  it('collects records in tests that Vitest runs', async () => {
    consumer.write('vitest.config.mjs', 'export default {}')
    consumer.write(
      'app.test.ts',
      `import { afterEach, beforeEach, expect, test } from 'vitest'
       import { getLogger } from '@pixsim7/logging'
       import { collectLogsOfEachTest } from '@pixsim7/logging/testing'
       const logs = collectLogsOfEachTest({ beforeEach, afterEach })
       test('first', () => {
         getLogger('app').info('First', { job_id: 5 })
         expect(logs.records[0]).toMatchObject({ message: 'First', module: 'app.test', fields: { job_id: 5 } })
       })
       test('second', () => expect(logs.records).toEqual([]))`,
    )
    const { code, stdout, stderr } = await consumer.tool(
      'vitest/vitest.mjs',
      'run',
      '--config',
      'vitest.config.mjs',
    )
    expect(stdout + stderr).toMatch(/Tests {2}2 passed/)
    expect(code).toBe(0)
  })
})
