import { describe, expect, it } from 'vitest'
import { LEVELS, parseLevel, severityOf } from './levels.ts'

describe('parseLevel', () => {
  it.each([
    ['INFO', 'INFO'], ['info', 'INFO'], ['Warn', 'WARNING'], ['fatal', 'CRITICAL'], ['trace', 'DEBUG'], ['silly', 'DEBUG'], ['http', 'INFO'],
    ['Information', 'INFO'], ['panic', 'CRITICAL'], ['err', 'ERROR'],
  ])('reads %s as %s', (word, level) => {
    expect(parseLevel(word)).toBe(level)
  }) // prettier-ignore

  it('knows no other words, those of every object included', () => {
    for (const word of ['', 'loud', 'constructor', '__proto__', 'toString'])
      expect(parseLevel(word)).toBeUndefined()
  })
})

it('severities rise in the order of the levels', () => {
  const severities = LEVELS.map(severityOf)
  expect(severities).toStrictEqual([...severities].sort((a, b) => a - b))
  expect(new Set(severities).size).toBe(LEVELS.length)
})
