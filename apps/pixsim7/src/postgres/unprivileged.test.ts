import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const MODULE = path.resolve(import.meta.dirname, '../../dist/postgres/unprivileged.js')
const canChangeUser = process.platform === 'linux' && process.getuid?.() === 0

/** What a process of this user id would put before PostgreSQL's commands. */
function prefixFor(uid: number): unknown {
  const script = `const { findUnprivileged } = await import(process.argv[1]); console.log(JSON.stringify(findUnprivileged('/bin', '/tmp').prefix))`
  const words = [
    `--reuid=${uid}`,
    `--regid=${uid}`,
    '--clear-groups',
    process.execPath,
    '--input-type=module',
    '-e',
    script,
    MODULE,
  ]
  const { stdout, stderr } = spawnSync('setpriv', words, { encoding: 'utf8', cwd: '/' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

describe('whom PostgreSQL runs as', () => {
  it.runIf(canChangeUser)('is oneself where one has a name', () => {
    expect(prefixFor(65_534)).toEqual([])
  })

  it.runIf(canChangeUser)('is nobody, in a namespace, for a user id without a name', () => {
    expect(prefixFor(54_321)).toEqual(['unshare', '--user', '--map-user=65534', '--map-group=65534'])
  })
})
