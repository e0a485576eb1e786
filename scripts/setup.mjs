// Makes a fresh clone ready to run: dependencies, then the build. Each step is skipped when its stamp says that
// nothing it depends on has changed. Plain JavaScript with node: modules only, because it runs first.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, isBuilt } from './build.mjs'
import { SetupFailure } from './setup/failure.mjs'
import { areDependenciesInstalled, installDependencies } from './setup/install.mjs'
import { endCleanly } from './setup/interruption.mjs'
import { withLock } from './setup/lock.mjs'

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const STAMPS = path.join(ROOT, '.setup')
/** Below this `require(esm)`, which CommonJS users of the library need, is still behind a flag. */
const OLDEST_NODE = [20, 19]

function assertNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  throw new SetupFailure(
    `Node ${process.versions.node} is too old: PixSim7 Logs needs ${OLDEST_NODE.join('.')} or newer.`,
  )
}

try {
  assertNode()
  // Looked at without the lock first: a tree that is ready may stand in a folder that its user cannot write.
  if (!areDependenciesInstalled(ROOT) || !isBuilt(ROOT, STAMPS)) {
    endCleanly()
    await withLock(STAMPS, async () => {
      await installDependencies(ROOT, STAMPS)
      await build(ROOT, STAMPS)
    })
  }
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error
  process.stderr.write(`\n${error.message}\n`)
  process.exitCode = 1
}
