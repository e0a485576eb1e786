import { describe, expect, it } from 'vitest'
import type { ServiceEvent } from '../service.ts'
import { createMask } from './mask-secrets.ts'
import { Screen, type ScreenOutput } from './screen.ts'

const SERVICES = [
  { name: 'a', title: 'Log server' },
  { name: 'b', title: 'Worker' },
]

function event(state: ServiceEvent['state'], more: Partial<ServiceEvent> = {}): ServiceEvent {
  return { name: 'b', title: 'Worker', state, tookMs: 1234, ...more }
}

/** What a terminal of `columns` shows in the end of what was written to it; understands "up n lines" and "erase below". */
class Terminal implements ScreenOutput {
  readonly isTTY = true
  readonly columns: number
  #lines: string[] = ['']

  constructor(columns: number) {
    this.columns = columns
  }

  write(text: string): void {
    for (const part of text.split(/(\x1b\[\d+A|\x1b\[0J|\n)/)) {
      const up = /\[(\d+)A$/.exec(part)
      if (up !== null) this.#lines.length -= Number(up[1])
      else if (part === '\n') this.#lines.push('')
      else if (!part.endsWith('[0J')) this.#lines[this.#lines.length - 1] += part
      if (up !== null) this.#lines[this.#lines.length - 1] = ''
    }
  }

  shown(): string {
    return this.#lines.join('\n')
  }
}

describe('the screen', () => {
  it('prints a line for each change where there is no terminal', () => {
    let text = ''
    const screen = new Screen({ write: (part) => (text += part) }, createMask([]))
    screen.begin(SERVICES)
    screen.show(event('starting'))
    screen.show(event('ready'))
    expect(text).toBe('  … Worker      starting …\n  ✓ Worker      ready in 1.2 s\n')
  })

  it('rewrites its lines in place on a terminal, with what is printed above them', () => {
    const terminal = new Terminal(80)
    const screen = new Screen(terminal, createMask([]), {})
    screen.begin(SERVICES)
    screen.show(event('starting'))
    screen.print('a message')
    screen.show(event('ready'))
    expect(terminal.shown()).toBe('a message\n    Log server  waiting\n  ✓ Worker      ready in 1.2 s\n')
    screen.settle()
    screen.show(event('stopping'))
    expect(terminal.shown()).toMatch(/ready in 1.2 s\n {2}… Worker {6}stopping …\n$/)
  })

  it('cuts lines that would wrap, because they could not be rewritten', () => {
    const terminal = new Terminal(30)
    const screen = new Screen(terminal, createMask([]), {})
    screen.begin(SERVICES)
    screen.show(event('pausing', { reason: 'ended with status 1' }))
    expect(
      Math.max(
        ...terminal
          .shown()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThan(30)
  })

  it('prints plain lines in CI and on a terminal that cannot move its cursor', () => {
    for (const environment of [{ CI: 'true' }, { TERM: 'dumb' }]) {
      const terminal = new Terminal(80)
      const screen = new Screen(terminal, createMask([]), environment)
      screen.begin(SERVICES)
      screen.show(event('starting'))
      expect(terminal.shown()).toBe('  … Worker      starting …\n')
    }
  })

  it('shows the last words of a service once, without secrets', () => {
    let text = ''
    const screen = new Screen({ write: (part) => (text += part) }, createMask(['s3cret-value']))
    screen.begin(SERVICES)
    const output = ['key s3cret-value', 'to postgres://me:hunter2@host/x', '{"password": "abc"}']
    for (let round = 0; round < 2; round++)
      screen.show(event('pausing', { reason: 'ended with status 1', output }))
    expect(text).toBe(
      '  ! Worker      ended with status 1; next attempt in 1.2 s; its last lines:\n' +
        '      key •••\n      to postgres://me:•••@host/x\n      {"password": "•••"}\n' +
        '  ! Worker      ended with status 1; next attempt in 1.2 s\n',
    )
  })
})
