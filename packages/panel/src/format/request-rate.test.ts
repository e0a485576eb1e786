import { describe, expect, it } from 'vitest'
import { describePoint, formatRate, linePath, perMinute, ratePoints, sumOf } from './request-rate.ts'

const point = (start: string, requests: number, part: object = {}) => ({
  start,
  requests,
  client_errors: 0,
  server_errors: 0,
  records: requests,
  p50_ms: requests === 0 ? null : 10,
  p95_ms: requests === 0 ? null : 100,
  ...part,
})
const answer = {
  interval_seconds: 60,
  points: [
    point('2026-11-26T12:00:00.000000Z', 120, { client_errors: 2, p95_ms: 250 }),
    point('2026-11-26T12:01:00.000000Z', 0),
    point('2026-11-26T12:02:00.000000Z', 60, { server_errors: 1, p50_ms: 20 }),
    point('no time', 7),
  ],
}

describe('the points of the chart of requests', () => {
  const points = ratePoints(answer)

  it('are those with a time, each as long as the interval', () => {
    expect(points).toHaveLength(3)
    expect((points[2]?.endMs ?? 0) - (points[2]?.startMs ?? 0)).toBe(60_000)
  })

  it('add up; of percentiles the highest stands for all', () => {
    const whole = sumOf(points)
    expect(whole).toMatchObject({
      requests: 180,
      clientErrors: 2,
      serverErrors: 1,
      p50Ms: 20,
      p95Ms: 250,
    })
    expect(perMinute(whole)).toBe(60)
    expect(sumOf([])).toMatchObject({ requests: 0, p95Ms: null })
    expect(perMinute(sumOf([]))).toBe(0)
  })

  it('are told in words, without what did not happen', () => {
    expect(points.map((each) => describePoint(each, 'utc'))).toEqual([
      '2026-11-26 12:00:00 – 12:01:00: 120 requests, 2 client errors, median 10 ms, p95 250 ms',
      '2026-11-26 12:01:00 – 12:02:00: 0 requests',
      '2026-11-26 12:02:00 – 12:03:00: 60 requests, 1 server error, median 20 ms, p95 100 ms',
    ])
    expect(describePoint(sumOf(points), 'utc')).toContain('180 requests, 60 a minute')
    expect([0.25, 3.14, 1234.4].map(formatRate)).toEqual(['0.3', '3.1', '1,234'])
  })
})

describe('a line over time', () => {
  const place = { unit: 10, top: 100, height: 50 }

  it('goes through its values from the bottom up, and stops where there is none', () => {
    expect(linePath([0, 10, null, 5, 10], 10, place)).toBe('M5 150L15 100M35 125L45 100')
  })

  it('shows a value alone between gaps', () => {
    expect(linePath([null, 10, null], 10, place)).toBe('M10 100h10')
    expect(linePath([], 10, place)).toBe('')
    expect(linePath([0], 0, place)).toBe('M0 150h10')
  })
})
