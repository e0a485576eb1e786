import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gridFor } from './histogram-grid.ts'

const MINUTE_US = 60_000_000

describe('gridFor', () => {
  it('takes intervals people read', () => {
    const hourUs = 60 * MINUTE_US
    const noonUs = Date.parse('2025-11-11T12:00:00Z') * 1000
    expect(gridFor(noonUs, noonUs + hourUs, 60)).toEqual({
      startUs: noonUs,
      intervalUs: MINUTE_US,
      count: 60,
    })
    expect(gridFor(noonUs + 1, noonUs + hourUs, 60).intervalUs).toBe(MINUTE_US)
    expect(gridFor(noonUs, noonUs + 24 * hourUs, 60).intervalUs).toBe(30 * MINUTE_US)
  })

  it('covers any range with at most the buckets asked for', () => {
    const timeUs = fc.integer({ min: -2_000_000_000_000_000, max: 9_000_000_000_000_000 })
    fc.assert(
      fc.property(timeUs, timeUs, fc.integer({ min: 1, max: 500 }), (a, b, buckets) => {
        const [fromUs, toUs] = [Math.min(a, b), Math.max(a, b) + 1]
        const { startUs, intervalUs, count } = gridFor(fromUs, toUs, buckets)
        expect(count).toBeGreaterThan(0)
        expect(count).toBeLessThanOrEqual(buckets)
        expect(startUs).toBeLessThanOrEqual(fromUs)
        expect(startUs + count * intervalUs).toBeGreaterThanOrEqual(toUs)
      }),
    )
  })
})
