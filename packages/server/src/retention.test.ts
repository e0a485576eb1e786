import { expect, test } from 'vitest'
import { retentionOf } from './retention.ts'

const DAY_MS = 86_400_000

test.each([
  [{}, { environment: null, days: null, errorDays: null }],
  [{ environment: 'development' }, { environment: 'development', days: 7, errorDays: 90 }],
  [{ environment: 'staging' }, { environment: 'staging', days: 14, errorDays: 90 }],
  [{ environment: 'production' }, { environment: 'production', days: 30, errorDays: 90 }],
  [
    { environment: 'production', retentionMs: 90 * DAY_MS },
    { environment: 'production', days: 90, errorDays: 90 },
  ],
  [{ errorRetentionMs: 365 * DAY_MS }, { environment: null, days: null, errorDays: 365 }],
  // Whole days, never less than was asked for.
  [{ retentionMs: 36 * 3_600_000 }, { environment: null, days: 2, errorDays: null }],
] as const)('%j means %j', (settings, retention) => {
  expect(
    retentionOf({
      environment: undefined,
      retentionMs: undefined,
      errorRetentionMs: undefined,
      ...settings,
    }),
  ).toEqual(retention)
})
