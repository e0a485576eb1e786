import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rowAt, topOf, windowOf, type RowGeometry } from './row-window.ts'

const geometries = fc.record({
  count: fc.integer({ min: 1, max: 5000 }),
  rowHeight: fc.integer({ min: 20, max: 60 }),
  openIndex: fc.integer({ min: -1, max: 4999 }),
  openHeight: fc.integer({ min: 0, max: 3000 }),
})

function bounded(geometry: RowGeometry): RowGeometry {
  return { ...geometry, openIndex: Math.min(geometry.openIndex, geometry.count - 1) }
}

describe('the place of rows', () => {
  const geometry = { count: 10, rowHeight: 20, openIndex: 2, openHeight: 100 }

  it("counts the open row's height for those below it only", () => {
    expect([0, 2, 3, 10].map((index) => topOf(index, geometry))).toEqual([0, 40, 160, 300])
  })

  it('finds the open row anywhere on it', () => {
    expect([39, 40, 60, 159, 160].map((y) => rowAt(y, geometry))).toEqual([1, 2, 2, 2, 3])
  })

  it('finds the row whose place it is, for any list', () => {
    fc.assert(
      fc.property(geometries, fc.nat(4999), (some, at) => {
        const list = bounded(some)
        const index = Math.min(at, list.count - 1)
        expect(rowAt(topOf(index, list), list)).toBe(index)
        expect(rowAt(topOf(index + 1, list) - 1, list)).toBe(index)
      }),
    )
  })
})

describe('the window', () => {
  it('holds every row that shows, and its spaces make up the rest', () => {
    fc.assert(
      fc.property(
        geometries,
        fc.nat(300_000),
        fc.integer({ min: 1, max: 2000 }),
        fc.nat(40),
        (some, top, height, spare) => {
          const list = bounded(some)
          const shown = windowOf(list, top, height, spare)
          expect(shown.first).toBeLessThanOrEqual(rowAt(top, list))
          expect(shown.last).toBeGreaterThan(rowAt(top + height, list))
          const drawn = topOf(shown.last, list) - topOf(shown.first, list)
          expect(shown.above + drawn + shown.below).toBe(topOf(list.count, list))
        },
      ),
    )
  })

  it('of an empty list is empty', () => {
    expect(windowOf({ count: 0, rowHeight: 20, openIndex: -1, openHeight: 0 }, 0, 500, 5)).toEqual({
      first: 0,
      last: 0,
      above: 0,
      below: 0,
    })
  })
})
