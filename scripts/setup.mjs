// Makes a fresh clone ready to run: dependencies, then the build. Each step is skipped when its stamp says
// that nothing it depends on has changed. Plain JavaScript with node: modules only, because it runs first.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const STAMPS = path.join(ROOT, '.setup')
const LOCK = path.join(STAMPS, 'lock')
/** Below this `require(esm)`, which CommonJS users of the library need, is still behind a flag. */
const OLDEST_NODE = [20, 19]

function fail(message) {
  process.stderr.write(`\n${message}\n`)
  process.exit(1)
}

function assertNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  fail(`Node ${process.versions.node} is too old: PixSim7 Logs needs ${OLDEST_NODE.join('.')} or newer.`)
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Two set-ups at once would delete each other's node_modules; the second waits for the first. */
async function withLock(run) {
  try {
    mkdirSync(STAMPS, { recursive: true })
  } catch (error) {
    fail(`Cannot write into ${ROOT}: ${error.code}. PixSim7 Logs keeps dependencies, build and data there.`)
  }
  let hasToldToWait = false
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') {
        fail(`Cannot write ${LOCK}: ${error.code}. PixSim7 Logs keeps dependencies, build and data in ${ROOT}.`)
      }
      const owner = existsSync(LOCK) ? Number(readFileSync(LOCK, 'utf8')) : 0
      // A file just created may still be empty: give its owner two seconds to write its pid.
      const ageMs = existsSync(LOCK) ? Date.now() - statSync(LOCK).mtimeMs : 0
      if (owner > 0 ? !isAlive(owner) : ageMs > 2000) rmSync(LOCK, { force: true })
      else if (!hasToldToWait) {
        hasToldToWait = true
        process.stderr.write(`Another set-up (process ${owner}) is at work here; waiting for it.\n`)
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  try {
    await run()
  } finally {
    rmSync(LOCK, { force: true })
  }
}

function installDependencies() {
  const lockFile = readFileSync(path.join(ROOT, 'package-lock.json'))
  const wanted = createHash('sha256')
    .update(lockFile)
    .update(`${process.version} ${process.platform} ${process.arch}`)
    .digest('hex')
  const stamp = path.join(ROOT, 'node_modules', '.pixsim7-stamp')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  process.stderr.write('Installing dependencies (about 800 MB on disk, most of it the ClickHouse engine) …\n')
  const startedAt = Date.now()
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (result.error) fail(`npm could not be started: ${result.error.message}`)
  if (result.status !== 0) {
    fail(`npm ci ended with status ${result.status}; its message stands above. Run the same command again once that is mended.`)
  }
  writeFileSync(stamp, wanted)
  process.stderr.write(`Dependencies installed in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.\n`)
}

assertNode()
await withLock(async () => {
  installDependencies()
  await build(ROOT, STAMPS)
})
