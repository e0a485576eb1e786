import { expect, it } from 'vitest'
import { joinRanges } from './stored-range.ts'

it('joins ranges that touch and keeps the others apart, in ascending order', () => {
  const range = (offset: number, length: number) => ({
    offset,
    length,
    rows: 1,
    lines: 2,
    badLines: 1,
    cutLines: 0,
  })
  expect(joinRanges([range(30, 5), range(10, 10), range(20, 5), range(0, 10)])).toEqual([
    { offset: 0, length: 25, rows: 3, lines: 6, badLines: 3, cutLines: 0 },
    range(30, 5),
  ])
  expect(joinRanges([])).toEqual([])
})
