import { describe, expect, it } from 'vitest'
import { backOffMs } from './back-off.ts'

describe('the back-off', () => {
  it.each([
    [5000, 1, 5000],
    [5000, 2, 10_000],
    [5000, 4, 40_000],
    [5000, 5, 60_000],
    [5000, 1_000_000, 60_000],
  ])('from %i ms at repetition %i is %i ms, give or take a tenth', (firstMs, repetition, expected) => {
    expect(backOffMs(firstMs, repetition, () => 0.5)).toBe(expected)
    expect(backOffMs(firstMs, repetition, () => 0)).toBe(expected * 0.9)
    expect(backOffMs(firstMs, repetition, () => 1)).toBe(Math.round(expected * 1.1))
  })
})
