/** The provider simulator as a process. */
import path from 'node:path'
import { freePort, startNode } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'

const SIMULATOR = path.resolve(import.meta.dirname, '../dist/provider-simulator.js')

function start(env: Readonly<Record<string, string>>) {
  return startNode(SIMULATOR, [], { env })
}

describe('the provider simulator as a process', () => {
  it('says in one line where it is, serves, and ends with status 0 on SIGTERM', async () => {
    const simulator = start({ PROVIDER_PORT: '0', PROVIDER_ANSWER_MS: '0' })
    const [, baseUrl] = await simulator.waitForLine(/^Provider simulator ready: PIXVERSE_BASE_URL=(\S+)/)
    const answer = await fetch(`${baseUrl}/account/balance`, {
      headers: { 'api-key': 'x', 'ai-trace-id': 'y' },
    })
    expect(await answer.json()).toMatchObject({ ErrCode: 0 })
    // A request without an answer must not keep it from ending.
    const hanging = fetch(`${baseUrl}/video/text/generate`, {
      method: 'POST',
      headers: { 'api-key': 'x', 'ai-trace-id': 'z' },
      body: JSON.stringify({ prompt: '[sim:timeout]', model: 'v5', duration: 5, quality: '360p' }),
    }).catch(() => 'cut')
    const exit = await simulator.stop()
    expect(exit).toMatchObject({ code: 0, stderr: '' })
    expect(exit.stdout.trim().split('\n')).toHaveLength(1)
    expect(await hanging).toBe('cut')
  })

  it('says in one line that its port is taken, and ends with status 1', async () => {
    const port = String(await freePort())
    const first = start({ PROVIDER_PORT: port })
    await first.waitForLine(/ready/)
    const exit = await start({ PROVIDER_PORT: port }).exit
    expect(exit.code).toBe(1)
    expect(exit.stderr.trim()).toBe(
      `The provider simulator cannot listen on port ${port}: another process has it. Stop that one or set PROVIDER_PORT.`,
    )
    expect(exit.stdout).toBe('')
  })

  it('names all mistakes in its settings at once', async () => {
    const exit = await start({ PROVIDER_PORT: 'x', PROVIDER_SLOTS: '0', PROVIDER_SHARES: 'odd=1' }).exit
    expect(exit.code).toBe(1)
    for (const name of ['PROVIDER_PORT="x"', 'PROVIDER_SLOTS="0"', 'PROVIDER_SHARES="odd=1"'])
      expect(exit.stderr).toContain(name)
  })
})
