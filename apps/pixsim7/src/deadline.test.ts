import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadline } from './deadline.ts'

describe('a deadline', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('aborts when its time is over, and says what did not happen', () => {
    const deadline = new Deadline(1000, 'no answer')
    vi.advanceTimersByTime(999)
    expect(deadline.signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(deadline.signal.reason).toEqual(new Error('no answer within 1000 ms'))
  })

  it('gives the whole time again when it is restarted, and none when it has ended', () => {
    const deadline = new Deadline(1000, 'no answer')
    vi.advanceTimersByTime(900)
    deadline.restart()
    vi.advanceTimersByTime(900)
    deadline.end()
    vi.advanceTimersByTime(10_000)
    expect(deadline.signal.aborted).toBe(false)
  })

  it('follows an outer signal, before and after it aborts, and leaves no listener behind', () => {
    const outer = new AbortController()
    const listeners = vi.spyOn(outer.signal, 'removeEventListener')
    const running = new Deadline(1000, 'no answer', outer.signal)
    const ended = new Deadline(1000, 'no answer', outer.signal)
    ended.end()
    outer.abort(new Error('stop'))
    expect(running.signal.reason).toEqual(new Error('stop'))
    expect(ended.signal.aborted).toBe(false)
    expect(new Deadline(1000, 'no answer', outer.signal).signal.aborted).toBe(true)
    expect(listeners).toHaveBeenCalledTimes(1)
  })
})
