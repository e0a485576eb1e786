import { describe, expect, it } from 'vitest'
import { sortArguments } from './call-arguments.ts'

describe('sortArguments', () => {
  const error = new TypeError('bad')

  it('takes message and fields in any order', () => {
    expect(sortArguments('msg', [{ a: 1 }])).toEqual({ message: 'msg', fields: [{ a: 1 }] })
    expect(sortArguments({ a: 1 }, ['msg'])).toEqual({ message: 'msg', fields: [{ a: 1 }] })
    expect(sortArguments('msg', [{ a: 1 }, { b: 2 }])).toEqual({
      message: 'msg',
      fields: [{ a: 1 }, { b: 2 }],
    })
  })

  it('makes a field of an error, wherever it stands', () => {
    for (const args of [
      [error, 'msg'],
      ['msg', error],
    ] as const) {
      expect(sortArguments(args[0], [args[1]])).toEqual({ message: 'msg', fields: [{ error }] })
    }
    const second = new Error('second')
    expect(sortArguments(error, ['msg', { a: 1 }, second]).fields).toEqual([
      { a: 1 },
      { error },
      { error_2: second },
    ])
  })

  it('takes the headline of an error for the message when there is no other', () => {
    expect(sortArguments(error, [])).toEqual({ message: 'TypeError: bad', fields: [{ error }] })
  })

  it('drops nothing: what has no place becomes `args`', () => {
    expect(sortArguments('msg', ['more', 5, [1], null, undefined])).toEqual({
      message: 'msg',
      fields: [{ args: ['more', 5, [1], null] }],
    })
    expect(sortArguments([1, 2], []).fields).toEqual([{ args: [[1, 2]] }])
    expect(sortArguments('msg', [new Map([['a', 1]])]).fields).toEqual([{ args: [new Map([['a', 1]])] }])
  })

  it('makes a message of a lone number', () => {
    expect(sortArguments(5, [])).toEqual({ message: '5', fields: [] })
    expect(sortArguments(undefined, [])).toEqual({ message: '', fields: [] })
  })

  it('formats nothing', () => {
    expect(sortArguments('%s ${jndi:x} {{y}}', ['a']).message).toBe('%s ${jndi:x} {{y}}')
  })
})
