import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Pipeline } from '../core/pipeline.ts'
import { loggerState } from '../core/levels.ts'
import type { ConsoleMode } from '../settings/library.ts'
import { consoleSink } from './console-sink.ts'

class FakeTerminal extends EventEmitter {
  text = ''
  readonly isTTY: boolean
  constructor(isTTY: boolean) {
    super()
    this.isTTY = isTTY
  }
  write(text: string): void {
    this.text += text
  }
}

/** What the console shows of one line. */
function shown(
  mode: ConsoleMode,
  isTTY: boolean,
  env: Record<string, string> = {},
  message = 'Low credits',
): string {
  const stream = new FakeTerminal(isTTY)
  const sink = consoleSink(mode, stream, env)
  const pipeline = new Pipeline({
    hasCallSites: false,
    onFault: (error) => {
      throw error
    },
    output: { write: (event, isUrgent) => sink?.write(event, isUrgent) },
  })
  pipeline.log(loggerState('accounts'), undefined, 'WARNING', 30, shown, message, { account_id: 5 }, [])
  sink?.close()
  expect(stream.listenerCount('error')).toBe(0)
  return stream.text
}

describe('the console', () => {
  it('auto means plain on a terminal and nothing elsewhere', () => {
    expect(shown('auto', false)).toBe('')
    expect(shown('auto', true, { NO_COLOR: '1' })).toMatch(
      /^\S+ \S+ - accounts - WARNING - Low credits \| account_id=5\n$/,
    )
  })

  it('colours the level on a terminal, unless told not to', () => {
    expect(shown('auto', true)).toContain(' - accounts - \u001b[33mWARNING\u001b[0m - Low credits')
    for (const text of [
      shown('plain', false),
      shown('auto', true, { NO_COLOR: '1' }),
      shown('plain', true, { TERM: 'dumb' }),
      shown('json', true),
    ]) {
      expect(text).not.toContain('\u001b')
      expect(text).not.toBe('')
    }
  })

  it('json and plain write wherever they go; off writes nowhere', () => {
    expect(JSON.parse(shown('json', false))).toMatchObject({
      level: 'WARNING',
      message: 'Low credits',
      account_id: 5,
    })
    expect(shown('plain', false)).toContain('Low credits')
    expect(shown('off', true)).toBe('')
  })

  it('lets nothing through that a terminal would obey', () => {
    const hostile = 'a\u001b[2J\u009b31m\u0007\rb\nc\u202ed'
    for (const mode of ['plain', 'json'] as const) {
      expect(shown(mode, true, { NO_COLOR: '1' }, hostile).trimEnd()).not.toMatch(
        /[\u0000-\u001f\u007f-\u009f\u202e]/,
      )
    }
  })

  it('survives a stream that breaks, whether by an event or by throwing', () => {
    const stream = new FakeTerminal(false)
    const sink = consoleSink('plain', stream, {})
    stream.emit('error', new Error('EPIPE'))
    stream.write = () => {
      throw new Error('EPIPE')
    }
    expect(() => sink?.write({} as never, false)).not.toThrow()
  })
})
