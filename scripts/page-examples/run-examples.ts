/** Compiles examples against the built library, as its users would, and runs them. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'

const ROOT = path.join(import.meta.dirname, '../..')
/** Where the page has its examples run. */
const SHOWN_FOLDER = '/srv/app'

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  sourceMap: true,
  skipLibCheck: true,
  types: ['node'],
}

/**
 * What each source writes to the log of the component `worker`, below `folder`, without the line about the start; times,
 * durations, the folder and frames outside of the source are made equal for every run.
 *
 * @throws Error naming what the compiler refuses, or with the output of a program that fails
 */
export async function runExamples(sources: readonly string[], folder: string): Promise<string[]> {
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'))
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  const files = sources.map((source, index) => {
    const file = path.join(folder, `example-${index}`, 'job_processor.ts')
    mkdirSync(path.dirname(file))
    writeFileSync(file, source)
    return file
  })
  compile(files)
  const outputs: string[] = []
  for (const file of files) outputs.push(await run(file, folder))
  return outputs
}

function compile(files: readonly string[]): void {
  const program = ts.createProgram(files, OPTIONS)
  const problems = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics]
  if (problems.length === 0) return
  throw new Error(
    ts.formatDiagnostics(problems, {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => ROOT,
      getNewLine: () => '\n',
    }),
  )
}

async function run(file: string, folder: string): Promise<string> {
  const cwd = path.dirname(file)
  const environment = { PATH: process.env['PATH'] ?? '', TZ: 'UTC' }
  await promisify(execFile)(process.execPath, ['--enable-source-maps', file.replace(/\.ts$/, '.js')], {
    cwd,
    env: environment,
  })
  const lines = readFileSync(path.join(cwd, 'data/logs/worker.log'), 'utf8').split('\n')
  return lines
    .filter((line) => !line.includes(' - pixsim7.logging - '))
    .filter((line) => !/^\s+at /.test(line) || line.includes(folder))
    .map((line) =>
      line.replaceAll(cwd, SHOWN_FOLDER).replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, '2025-11-11 22:30:45'),
    )
    .map((line) => line.replace(/\bduration_ms=\d+/, 'duration_ms=5'))
    .join('\n')
}
