import { describe, expect, it } from 'vitest'
import { waitFor } from './wait-for.ts'

describe('waitFor', () => {
  it('returns what the condition returns at last, errors in between forgiven', async () => {
    let calls = 0
    const value = await waitFor(
      () => {
        calls += 1
        if (calls === 1) throw new Error('not yet')
        return calls === 2 ? undefined : calls === 3 ? false : { calls }
      },
      { intervalMs: 1 },
    )
    expect(value).toStrictEqual({ calls: 4 })
  })

  it('takes zero and the empty text for answers', async () => {
    expect(await waitFor(() => 0)).toBe(0)
    expect(await waitFor(async () => '')).toBe('')
  })

  it('gives up after its time, saying what for and why', async () => {
    const attempt = waitFor(() => Promise.reject(new Error('still shut')), {
      timeoutMs: 30,
      intervalMs: 5,
      what: 'the door',
    })
    await expect(attempt).rejects.toThrow('Waited 30 ms for the door; at last: Error: still shut')
  })
})
