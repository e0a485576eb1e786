import { describe, expect, it } from 'vitest'
import { describeRange, isRelative, resolveTime, TIME_PRESETS, widerRange } from './time-range.ts'

const NOW = Date.parse('2025-11-11T22:30:00Z')

describe('a time range in words', () => {
  it.each([
    ['', '', 'All time'],
    ['-15m', '', 'Last 15 minutes'],
    ['-1h', 'now', 'Last 1 hour'],
    ['-2h', '-1h', '2 hours ago – 1 hour ago'],
    ['2025-11-11T22:00:00.000Z', '', 'Since 2025-11-11 22:00:00'],
    ['', '2025-11-11T22:00:00Z', 'Until 2025-11-11 22:00:00'],
    ['2025-11-11T22:00:00Z', '2025-11-11T22:15:00Z', '2025-11-11 22:00:00 – 22:15:00'],
    ['2025-11-10T22:00:00Z', '2025-11-11T22:15:00Z', '2025-11-10 22:00:00 – 2025-11-11 22:15:00'],
    ['banana', '', 'Since banana'],
  ])('from "%s" to "%s" is %s', (from, to, words) => {
    expect(describeRange({ from, to }, 'utc')).toBe(words)
  })

  it('of a preset is the label of the preset', () => {
    for (const preset of TIME_PRESETS) expect(describeRange(preset, 'utc')).toBe(preset.label)
  })
})

describe('the ends of a range', () => {
  it.each([
    ['-15m', NOW - 900_000],
    ['-2w', NOW - 1_209_600_000],
    ['now', NOW],
    ['2025-11-11T22:00:00Z', NOW - 1_800_000],
    ['', undefined],
    ['-15x', undefined],
    ['banana', undefined],
  ])('resolve "%s"', (text, ms) => {
    expect(resolveTime(text, NOW)).toBe(ms)
  })

  it('tell a range that moves with the clock from one that stands', () => {
    expect(isRelative({ from: '-1h', to: '' })).toBe(true)
    expect(isRelative({ from: '2025-11-11T22:00:00Z', to: 'now' })).toBe(true)
    expect(isRelative({ from: '2025-11-11T22:00:00Z', to: '' })).toBe(false)
  })
})

describe('widening a range', () => {
  it.each([
    ['-15m', '', 'Last 1 hour'],
    ['-3h', '', 'Last 6 hours'],
    ['-7d', '', 'All time'],
    ['2025-11-11T20:00:00Z', '2025-11-11T20:01:00Z', 'Last 6 hours'],
    ['', '2025-11-11T20:01:00Z', 'All time'],
    ['banana', '', 'All time'],
  ])('from "%s" to "%s" leads to %s', (from, to, label) => {
    expect(widerRange({ from, to }, NOW)?.label).toBe(label)
  })

  it('ends at all time', () => {
    expect(widerRange({ from: '', to: '' }, NOW)).toBeUndefined()
  })
})
