/** How long the store keeps records, by the environment it stands in (design: 7, 14 and 30 days, errors 90 in all). */

export const ENVIRONMENTS = ['development', 'staging', 'production'] as const
export type Environment = (typeof ENVIRONMENTS)[number]

/** Days that records are kept for in each environment; those of ERROR and CRITICAL everywhere ERROR_RETENTION_DAYS. */
export const RETENTION_DAYS: Readonly<Record<Environment, number>> = {
  development: 7,
  staging: 14,
  production: 30,
}
export const ERROR_RETENTION_DAYS = 90

/** What is in force. Null: for ever. */
export interface Retention {
  readonly environment: Environment | null
  readonly days: number | null
  /** Of ERROR and CRITICAL. */
  readonly errorDays: number | null
}

const DAY_MS = 86_400_000

/** The retention that settings mean: LOG_ENV chooses, LOGS_RETENTION and LOGS_ERROR_RETENTION override. */
export function retentionOf(settings: {
  readonly environment: Environment | undefined
  readonly retentionMs: number | undefined
  readonly errorRetentionMs: number | undefined
}): Retention {
  const { environment, retentionMs, errorRetentionMs } = settings
  const days = (ms: number | undefined, preset: number | null) =>
    ms === undefined ? preset : Math.ceil(ms / DAY_MS)
  return {
    environment: environment ?? null,
    days: days(retentionMs, environment === undefined ? null : RETENTION_DAYS[environment]),
    errorDays: days(errorRetentionMs, environment === undefined ? null : ERROR_RETENTION_DAYS),
  }
}
