import fc from 'fast-check'
import { LEVELS } from '@pixsim7/record'
import { describe, expect, it } from 'vitest'
import { barAt, barsOf, largestTotal, segmentsOf, ticksOf, type Bar } from './histogram-scale.ts'

const START = Date.parse('2025-11-11T22:00:00Z')

function bars(count: number, lengthMs: number, start = START): Bar[] {
  return Array.from({ length: count }, (_, index) => ({
    startMs: start + index * lengthMs,
    endMs: start + (index + 1) * lengthMs,
    total: 0,
    counts: {},
  }))
}

describe('bars', () => {
  it("have the answer's counts, by level and together", () => {
    const answer = {
      interval_seconds: 60,
      buckets: [
        { start: '2025-11-11T22:00:00.000000Z', counts: { INFO: 3, ERROR: 1, DEBUG: 0, STRANGE: 5 } },
        { start: 'no time', counts: { INFO: 1 } },
      ],
    }
    expect(barsOf(answer)).toEqual([
      { startMs: START, endMs: START + 60_000, total: 4, counts: { INFO: 3, ERROR: 1 } },
    ])
  })

  it('compare to the fullest, and to 1 when all are empty', () => {
    expect(largestTotal([{ startMs: 0, endMs: 1, total: 7, counts: {} }])).toBe(7)
    expect(largestTotal([])).toBe(1)
  })
})

describe('the parts of a bar', () => {
  it('stand on each other with the most severe at the bottom', () => {
    const segments = segmentsOf({ startMs: 0, endMs: 1, total: 10, counts: { INFO: 5, ERROR: 5 } }, 10, 100)
    expect(segments).toEqual([
      { key: 'ERROR', y: 50, height: 50 },
      { key: 'INFO', y: 0, height: 50 },
    ])
  })

  it('show a single error among a million', () => {
    const counts = { INFO: 1_000_000, ERROR: 1 }
    const [error] = segmentsOf({ startMs: 0, endMs: 1, total: 1_000_001, counts }, 1_000_001, 56)
    expect(error?.key).toBe('ERROR')
    expect(error?.height).toBeGreaterThan(1.9)
  })

  it('never leave the plot, and leave no hole, whatever the counts', () => {
    const counts = fc.record(Object.fromEntries(LEVELS.map((level) => [level, fc.nat(1_000_000)])))
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 3_000_000 }), (byLevel, largest) => {
        const total = Object.values(byLevel).reduce((sum, count) => sum + count, 0)
        const segments = segmentsOf(
          { startMs: 0, endMs: 1, total, counts: byLevel },
          Math.max(largest, total),
          56,
        )
        let bottom = 56
        for (const { y, height } of segments) {
          expect(y).toBeGreaterThanOrEqual(0)
          expect(y + height).toBeCloseTo(bottom, 6)
          bottom = y
        }
        expect(segments.length).toBe(Object.values(byLevel).filter((count) => count > 0).length)
      }),
    )
  })
})

describe('the ticks', () => {
  it('are round times', () => {
    expect(ticksOf(bars(60, 60_000), 5, 'utc')).toEqual([
      { share: 0, label: '22:00' },
      { share: 0.25, label: '22:15' },
      { share: 0.5, label: '22:30' },
      { share: 0.75, label: '22:45' },
    ])
  })

  it('name the day where it begins', () => {
    const labels = ticksOf(bars(48, 3_600_000, Date.parse('2025-11-11T12:00:00Z')), 8, 'utc').map(
      (tick) => tick.label,
    )
    expect(labels).toContain('11-12')
    expect(labels).toContain('18:00')
  })

  it('are never more than asked for by much, and lie inside, from a second to years', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1000, max: 1e9 }),
        fc.integer({ min: 1, max: 12 }),
        (count, lengthMs, most) => {
          const ticks = ticksOf(bars(count, lengthMs), most, 'utc')
          expect(ticks.length).toBeLessThanOrEqual(most + 1)
          expect(ticks.every(({ share }) => share >= 0 && share < 1)).toBe(true)
        },
      ),
    )
    expect(ticksOf([], 5, 'utc')).toEqual([])
  })
})

it('finds the bar under a place, also at and past the edges', () => {
  const ten = bars(10, 1000)
  expect([0, 0.05, 0.1, 0.95, 1, 1.2, -1].map((share) => barAt(ten, share))).toEqual([0, 0, 1, 9, 9, 9, 0])
  expect(barAt([], 0.5)).toBe(-1)
})
