// Builds every workspace: TypeScript to dist/, the panel to packages/panel/dist/. Skipped when no source changed.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeSystemError, SetupFailure } from './setup/failure.mjs'
import { endCleanly } from './setup/interruption.mjs'
import { withLock } from './setup/lock.mjs'
import { findIncomplete, forgetBuild, listSources, removeStaleOutputs } from './setup/outputs.mjs'
import { runProgram } from './setup/run-program.mjs'
import { step } from './setup/step.mjs'

/** Hash over the content of everything the build reads. */
function sourceHash(root) {
  const hash = createHash('sha256')
  for (const name of ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json'])
    hash.update(readFileSync(path.join(root, name)))
  // Lengths keep the bytes of one file from being taken for the name of the next.
  for (const file of listSources(root)) {
    const content = readFileSync(file)
    hash.update(`\n${path.relative(root, file)} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

async function runTool(root, script, args) {
  const { status, output } = await runProgram(
    process.execPath,
    [path.join(root, 'node_modules', script), ...args],
    { cwd: root },
  )
  if (status === 0) return
  throw new SetupFailure(
    `The build stopped in ${path.basename(script, '.js')}, which says:\n\n${output.trim()}`,
  )
}

function stampFile(stamps) {
  return path.join(stamps, 'build')
}

/** Whether the stamp fits the sources and every compiled file is there; reads only. */
export function isBuilt(root, stamps) {
  const stamp = stampFile(stamps)
  return (
    existsSync(stamp) && findIncomplete(root).length === 0 && readFileSync(stamp, 'utf8') === sourceHash(root)
  )
}

/** Builds what has changed since the stamp in `stamps` was written. Fails with what the compiler said. */
export async function build(root, stamps) {
  if (isBuilt(root, stamps)) return
  const stamp = stampFile(stamps)
  try {
    rmSync(stamp, { force: true })
    // Taken before the build: a source saved while it runs is built the next time.
    const wanted = sourceHash(root)
    await step('Building', 'Built', async () => {
      removeStaleOutputs(root)
      for (const workspace of findIncomplete(root)) forgetBuild(root, workspace)
      await runTool(root, 'typescript/bin/tsc', ['-b'])
      await runTool(root, 'vite/bin/vite.js', ['build', 'packages/panel', '--logLevel', 'warn'])
    })
    mkdirSync(stamps, { recursive: true })
    writeFileSync(stamp, wanted)
  } catch (error) {
    if (error.code === undefined) throw error
    throw new SetupFailure(describeSystemError(`Cannot build in ${root}`, error))
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
  const stamps = path.join(root, '.setup')
  endCleanly()
  try {
    await withLock(stamps, () => build(root, stamps))
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error
    process.stderr.write(`\n${error.message}\n`)
    process.exitCode = 1
  }
}
