import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { useZone, ZONES } from '../test/zones.ts'
import { formatLocalTime, formatTimestamp, parseLocalTime, parseTimestamp } from './timestamp.ts'

const anyTimeUs = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })
const iso = (text: string | number, zoneless?: 'utc' | 'local') => {
  const timeUs = parseTimestamp(text, zoneless)
  return timeUs === undefined ? undefined : formatTimestamp(timeUs)
}

describe('formatTimestamp', () => {
  it('writes ISO 8601 in UTC with six digits', () => {
    expect(formatTimestamp(1_762_900_245_123_456)).toBe('2025-11-11T22:30:45.123456Z')
    expect(formatTimestamp(0)).toBe('1970-01-01T00:00:00.000000Z')
    expect(formatTimestamp(-1)).toBe('1969-12-31T23:59:59.999999Z')
    expect(formatTimestamp(1_000_007)).toBe('1970-01-01T00:00:01.000007Z')
  })

  it('writes something valid for the times of a broken clock', () => {
    for (const timeUs of [Number.NaN, Infinity, -Infinity, 1e300, -1e300, 1.75]) {
      expect(parseTimestamp(formatTimestamp(timeUs))).toBeTypeOf('number')
    }
    expect(formatTimestamp(Number.NaN)).toBe('1970-01-01T00:00:00.000000Z')
    expect(formatTimestamp(1.75)).toBe('1970-01-01T00:00:00.000001Z')
  })

  it('is read back by parseTimestamp, and by Date to the millisecond', () => {
    fc.assert(
      fc.property(anyTimeUs, (timeUs) => {
        const text = formatTimestamp(timeUs)
        expect(parseTimestamp(text)).toBe(timeUs)
        expect(Date.parse(text.slice(0, 23) + 'Z')).toBe(Math.floor(timeUs / 1000))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('parseTimestamp', () => {
  it.each([
    ['2025-11-11T22:30:45.123456Z', '2025-11-11T22:30:45.123456Z'],
    ['2025-11-11T22:30:45Z', '2025-11-11T22:30:45.000000Z'],
    ['2025-11-11T22:30:45.1Z', '2025-11-11T22:30:45.100000Z'],
    ['2025-11-11T22:30:45.123456789Z', '2025-11-11T22:30:45.123456Z'],
    ['2025-11-11T22:30Z', '2025-11-11T22:30:00.000000Z'],
    ['2025-11-11T23:30:45+01:00', '2025-11-11T22:30:45.000000Z'],
    ['2025-11-11T23:30:45+0100', '2025-11-11T22:30:45.000000Z'],
    ['2025-11-11T20:00:45.5-02:30', '2025-11-11T22:30:45.500000Z'],
    ['2025-11-11 22:30:45.123 UTC', '2025-11-11T22:30:45.123000Z'],
    ['2025-11-11 23:30:45,123+01', '2025-11-11T22:30:45.123000Z'],
    ['2025-11-11T22:30:45.123456', '2025-11-11T22:30:45.123456Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000000Z'],
    [1_762_900_245, '2025-11-11T22:30:45.000000Z'],
    [1_762_900_245.123456, '2025-11-11T22:30:45.123456Z'],
    [1_762_900_245_123, '2025-11-11T22:30:45.123000Z'],
    [1_762_900_245_123_456, '2025-11-11T22:30:45.123456Z'],
    ['1762900245', '2025-11-11T22:30:45.000000Z'],
    ['1762900245.123456', '2025-11-11T22:30:45.123456Z'],
    ['1762900245123', '2025-11-11T22:30:45.123000Z'],
    ['1762900245123.456', '2025-11-11T22:30:45.123456Z'],
    ['1762900245123456', '2025-11-11T22:30:45.123456Z'],
    ['1762900245123456789', '2025-11-11T22:30:45.123456Z'],
  ])('reads %s as %s', (text, expected) => {
    expect(iso(text)).toBe(expected)
  })

  it.each([
    '', 'now', '2025-11-11', '22:30:45', '2025-13-01T00:00:00Z', '2025-00-01T00:00:00Z', '2025-02-29T00:00:00Z', '2025-04-31T00:00:00Z',
    '1900-02-29T00:00:00Z', '2025-11-11T24:00:00Z', '2025-11-11T22:60:00Z', '2025-11-11T22:30:61Z', '2025-11-11T22:30:45+24:00',
    '2025-11-11T22:30:45.Z', ' 2025-11-11T22:30:45Z', '2025-11-11T22:30:45Z\n', '9999-01-01T00:00:00Z', '0001-01-01 00:00:00', '12345678',
    '-1762900245', '1e9', Number.NaN, Infinity, 0, 12.5, -1_762_900_245, 1e300,
  ])('takes %j for no time', (text) => {
    expect(parseTimestamp(text)).toBeUndefined()
  }) // prettier-ignore

  it('has the same limits for a second it has just met', () => {
    const last = formatTimestamp(Number.MAX_SAFE_INTEGER)
    expect(last).toBe('2255-06-05T23:47:34.740991Z')
    expect(parseTimestamp('2255-06-05T23:47:34.740992Z')).toBeUndefined()
    expect(parseTimestamp('2255-06-05T23:47:34.74099xZ')).toBeUndefined()
    expect(parseTimestamp('2255-06-05T23:47:34.740990Z')).toBe(Number.MAX_SAFE_INTEGER - 1)
  })

  it('takes a time without zone for UTC with T, for local with a space, unless told', () => {
    useZone('Asia/Kolkata')
    expect(iso('2025-11-11T22:30:45')).toBe('2025-11-11T22:30:45.000000Z')
    expect(iso('2025-11-11 22:30:45,123')).toBe('2025-11-11T17:00:45.123000Z')
    expect(iso('2025-11-11T22:30:45', 'local')).toBe('2025-11-11T17:00:45.000000Z')
    expect(iso('2025-11-11 22:30:45', 'utc')).toBe('2025-11-11T22:30:45.000000Z')
    expect(iso('2025-11-11 22:30:45Z', 'local')).toBe('2025-11-11T22:30:45.000000Z')
  })

  it('agrees with Date on every text it takes, and throws on none', () => {
    const digits = fc.integer({ min: 0, max: 99 }).map((number) => String(number).padStart(2, '0'))
    const almost = fc
      .tuple(fc.integer({ min: 1700, max: 2254 }), digits, digits, digits, digits, digits)
      .map(([year, ...rest]) => `${year}-${rest[0]}-${rest[1]}T${rest[2]}:${rest[3]}:${rest[4]}Z`)
    fc.assert(
      fc.property(almost, (text) => {
        const timeUs = parseTimestamp(text)
        if (timeUs === undefined || text.includes(':60Z')) return
        expect(new Date(timeUs / 1000).toISOString().replace('.000', '')).toBe(text)
      }),
      { numRuns: 20_000 },
    )
    fc.assert(fc.property(fc.string(), (text) => void parseTimestamp(text)))
  })
})

describe('local time', () => {
  it('is the wall clock of the zone', () => {
    useZone('America/New_York')
    expect(formatLocalTime(1_762_900_245_123_456)).toBe('2025-11-11 17:30:45')
    useZone('Europe/Berlin')
    expect(formatLocalTime(1_762_900_245_123_456)).toBe('2025-11-11 23:30:45')
  })

  it.each(ZONES)('is read back in %s, but for the hour that occurs twice', (zone) => {
    useZone(zone)
    const around = fc.oneof(
      fc.integer({ min: 0, max: 4_102_444_800 }),
      // The days clocks change on: 2025 in Berlin, New York and on Lord Howe.
      ...[1_743_296_400, 1_761_440_400, 1_741_503_600, 1_762_063_200, 1_743_865_200, 1_759_590_000].map(
        (second) => fc.integer({ min: second - 90_000, max: second + 90_000 }),
      ),
    )
    fc.assert(
      fc.property(around, (second) => {
        const text = formatLocalTime(second * 1_000_000)
        const back = (parseLocalTime(text) ?? Number.NaN) / 1_000_000
        expect(formatLocalTime(back * 1_000_000)).toBe(text)
        // The same, or the earlier of the two times that this text names.
        expect([0, 1800, 3600]).toContain(second - back)
      }),
      { numRuns: 2000 },
    )
  })

  it('takes the first occurrence of the hour that occurs twice', () => {
    useZone('Europe/Berlin')
    expect(iso('2025-10-26 02:30:00')).toBe('2025-10-26T00:30:00.000000Z')
    useZone('America/New_York')
    expect(iso('2025-11-02 01:30:00')).toBe('2025-11-02T05:30:00.000000Z')
  })

  it('takes a time in the hour that does not occur as if clocks had not been set forward', () => {
    useZone('Europe/Berlin')
    expect(iso('2025-03-30 02:30:00')).toBe('2025-03-30T01:30:00.000000Z')
    useZone('America/New_York')
    expect(iso('2025-03-09 02:30:00')).toBe('2025-03-09T07:30:00.000000Z')
  })

  it('is read only in the form it is written in', () => {
    for (const text of [
      '2025-11-11T22:30:45',
      '2025-11-11 22:30',
      '2025-11-11 22:30:45.1',
      '2025-11-31 22:30:45',
      '1762900245',
    ]) {
      expect(parseLocalTime(text)).toBeUndefined()
    }
  })
})
