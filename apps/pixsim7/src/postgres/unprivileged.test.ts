import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const DIST = path.resolve(import.meta.dirname, '../../dist/postgres')
const SCRIPT =
  "const { findUnprivileged } = await import('./unprivileged.js'); console.log(JSON.stringify(findUnprivileged('/bin', '/tmp').prefix))"

/** Another user may not be able to enter the folder of this repository, or the one of Node. */
const folder = mkdtempSync(path.join(tmpdir(), 'unprivileged-'))
chmodSync(folder, 0o755)
for (const file of ['unprivileged.js', 'postgres-error.js'])
  cpSync(path.join(DIST, file), path.join(folder, file))
writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')

afterAll(() => {
  rmSync(folder, { recursive: true })
})

function runAs(uid: number, script: string) {
  const user = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  const words = [...user, process.execPath, '--input-type=module', '-e', script]
  return spawnSync('setpriv', words, { encoding: 'utf8', cwd: folder })
}

const canChangeUser = process.platform === 'linux' && runAs(54_321, '').status === 0

/** What a process of this user id would put before PostgreSQL's commands. */
function prefixFor(uid: number): unknown {
  const { stdout, stderr } = runAs(uid, SCRIPT)
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
