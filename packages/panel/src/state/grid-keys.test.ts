import { describe, expect, it } from 'vitest'
import type { Level } from '@pixsim7/record'
import { gridAction, seekLevel } from './grid-keys.ts'
import type { ListRow } from './live-buffer.ts'

const LEVELS: readonly (Level | 'gap')[] = ['INFO', 'ERROR', 'gap', 'WARNING', 'CRITICAL', 'INFO']
const ROWS = LEVELS.map((level, index) =>
  level === 'gap'
    ? { kind: 'gap', id: String(index), count: 1, reason: '' }
    : { kind: 'entry', id: String(index), entry: { level } },
) as unknown as readonly ListRow[]

describe('keys', () => {
  it('move, open and seek', () => {
    expect(gridAction('j', true)).toEqual({ kind: 'move', by: 1 })
    expect(gridAction('ArrowUp', true)).toEqual({ kind: 'move', by: -1 })
    expect(gridAction('E', true)).toEqual({ kind: 'seek', what: 'error', by: -1 })
  })

  it('that are single characters can be switched off, the others stay', () => {
    expect(gridAction('j', false)).toBeUndefined()
    expect(gridAction('/', false)).toBeUndefined()
    expect(gridAction('ArrowDown', false)).toEqual({ kind: 'move', by: 1 })
    expect(gridAction('Enter', false)).toEqual({ kind: 'toggle' })
  })

  it.each(['a', 'Tab', 'F5', 'constructor', '__proto__'])('leave "%s" to the browser', (key) => {
    expect(gridAction(key, true)).toBeUndefined()
  })
})

describe('seeking', () => {
  it.each([
    [0, 'error', 1, 1],
    [1, 'error', 1, 4],
    [4, 'error', 1, -1],
    [5, 'error', -1, 4],
    [1, 'error', -1, -1],
    [0, 'warning', 1, 3],
    [5, 'warning', -1, 3],
  ] as const)('from row %i for an %s in direction %i finds row %i', (from, what, by, found) => {
    expect(seekLevel(ROWS, from, what, by)).toBe(found)
  })
})
