import { describe, expect, it } from 'vitest'
import { StoreError } from '../store-error.ts'
import { likeText, sqlString, sqlTime, sqlUInt } from './literal.ts'

describe('SQL literals', () => {
  it.each([
    ["it's", "'it\\'s'"],
    ['back\\slash', "'back\\\\slash'"],
    ["'; DROP TABLE logs; --", "'\\'; DROP TABLE logs; --'"],
    ["\\'; --", "'\\\\\\'; --'"],
    ['a\0b\nc', "'a\\0b\\nc'"],
    ['\ud800', "'\ufffd'"],
  ])('quotes %j', (text, literal) => {
    expect(sqlString(text)).toBe(literal)
  })

  it('takes wildcards of LIKE literally', () => {
    expect(likeText('100%_\\')).toBe('100\\%\\_\\\\')
  })

  it.each([-1, 0.5, Number.NaN, Infinity, 2 ** 53])('refuses %s as a whole number', (value) => {
    expect(() => sqlUInt(value)).toThrow(StoreError)
  })

  it('keeps times within what the engine holds', () => {
    expect(sqlTime(-9e15)).toContain('-2208988800000000')
    expect(() => sqlTime(Number.NaN)).toThrow(StoreError)
  })
})
