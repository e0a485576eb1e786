/**
 * SIGHUP, which logrotate's `systemctl reload` stands for: a component without a terminal, as under systemd or the launcher, opens
 * its files anew; one in a terminal ends in order when that is closed.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { freePort, requireTool, tempDir, waitFor } from '@pixsim7/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PATIENCE_MS, stopSystem, type RunningSystem } from '../support/running-system.ts'
import { databaseUrlOf } from './support/database.ts'
import { argumentsOf, startComponent } from './support/processes.ts'
import { recordsIn } from './support/records.ts'
import { startOnTerminal } from './support/shell.ts'
import { startForStory } from './support/story.ts'

let system: RunningSystem

beforeAll(async () => {
  system = await startForStory(await tempDir('file'))
}, 2 * PATIENCE_MS)

afterAll(async () => {
  await stopSystem(system)
})

/** A folder in which a backend can be started beside the system's. */
async function folderForBackend(): Promise<{ folder: string; file: string; url: string }> {
  const folder = await tempDir()
  const port = await freePort()
  writeFileSync(path.join(folder, '.env'), `PORT=${port}\nDATABASE_URL=${databaseUrlOf(system)}\n`)
  return { folder, file: path.join(folder, 'data/logs/backend.log'), url: `http://127.0.0.1:${port}` }
}

describe('SIGHUP', () => {
  it('makes a backend without a terminal go on in a new file', async () => {
    const { folder, file, url } = await folderForBackend()
    const program = startComponent('backend', folder)
    await program.waitForLine(/^PixSim7 backend \S+ ready/, { timeoutMs: PATIENCE_MS })
    renameSync(file, `${file}.1`)
    // Nothing is written meanwhile: it is the signal that makes the new file.
    program.signal('SIGHUP')
    await waitFor(() => existsSync(file))
    expect((await fetch(`${url}/api/v1/jobs`)).status).toBe(401)
    await waitFor(() => recordsIn(file).some(({ logger }) => logger === 'api.http'))
    expect(recordsIn(`${file}.1`).some(({ logger }) => logger === 'api.http')).toBe(false)
    expect(program.hasEnded).toBe(false)
  })

  it('of a closed terminal ends the backend in it, in order', async (context) => {
    const { folder, file } = await folderForBackend()
    const script = await requireTool(context, 'script')
    const terminal = startOnTerminal(script, `exec ${process.execPath} ${argumentsOf('backend').join(' ')}`, {
      folder,
    })
    await terminal.waitForLine(/PixSim7 backend \S+ ready/, { timeoutMs: PATIENCE_MS })
    const { fields } = recordsIn(file).find(({ message }) => message === 'Starting') ?? expect.unreachable()
    const pid = fields['pid'] as number
    // The program that holds the terminal is gone, and so is the terminal.
    terminal.signal('SIGKILL')
    await waitFor(() => !existsSync(`/proc/${pid}`) && !isRunning(pid))
    const messages = recordsIn(file).map(({ message }) => message)
    expect(messages.slice(messages.indexOf('Shutting down'))).toContain('Stopped')
    expect(readFileSync(file, 'utf8')).toContain('signal=SIGHUP')
  })
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    // No such process.
    return false
  }
}
