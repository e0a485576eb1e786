import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { waitFor } from './wait-for.ts'

/** How long one installation may take; chromium with all it needs is 300 MB. */
const INSTALL_TIMEOUT_MS = 600_000
/** How long a failure is remembered, so that not every test tries again. */
const RETRY_AFTER_MS = 3_600_000

const attempts = new Map<string, Promise<boolean>>()

/**
 * Installs a package of Debian or Ubuntu; false when that is not possible here (no apt-get, not root) or fails. At most one
 * attempt an hour on a machine, and one at a time, for all test processes together. Never throws.
 */
export function installPackage(name: string): Promise<boolean> {
  const earlier = attempts.get(name)
  if (earlier !== undefined) return earlier
  const attempt = install(name).catch((error: unknown) => {
    process.stderr.write(`Could not install ${name}: ${String(error)}\n`)
    return false
  })
  attempts.set(name, attempt)
  return attempt
}

async function install(name: string): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  const failure = path.join(tmpdir(), `pixsim7-testkit-${name.replace(/[^\w.+-]/g, '_')}.failed`)
  const unlock = await lock(path.join(tmpdir(), 'pixsim7-testkit-install.lock'))
  try {
    if (Date.now() - modifiedMs(failure) < RETRY_AFTER_MS) return false
    process.stderr.write(`Installing ${name} for the tests\n`)
    // The lists of an image are usually missing or old; when they cannot be fetched, the old ones may still do.
    await aptGet(['update', '-q'])
    const isInstalled = await aptGet(['install', '-y', '-q', '--no-install-recommends', name])
    if (!isInstalled) closeSync(openSync(failure, 'w'))
    return isInstalled
  } finally {
    unlock()
  }
}

function aptGet(args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('/usr/bin/apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: INSTALL_TIMEOUT_MS,
    })
    child.once('error', () => resolve(false))
    child.once('close', (code) => resolve(code === 0))
  })
}

/** Waits for a lock that all processes of the machine see; returns what releases it. One whose owner died is broken. */
async function lock(file: string): Promise<() => void> {
  await waitFor(
    () => {
      try {
        const fd = openSync(file, 'wx')
        writeSync(fd, String(process.pid))
        closeSync(fd)
        return true
      } catch {
        // Held by another process, most likely: wait, unless that process is gone.
        if (!isHeld(file)) rmSync(file, { force: true })
        return false
      }
    },
    { timeoutMs: 2 * INSTALL_TIMEOUT_MS, intervalMs: 200, what: `the lock ${file}` },
  )
  return () => rmSync(file, { force: true })
}

function isHeld(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    // Empty: its owner is just writing its number, or died before it could.
    if (pid === 0) return Date.now() - modifiedMs(file) < 10_000
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function modifiedMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
