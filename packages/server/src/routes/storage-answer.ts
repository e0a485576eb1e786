import type { StorageAnswer } from '@pixsim7/protocol'
import type { StorageUse } from '@pixsim7/store'
import type { ComponentFiles } from '../host/files-on-disk.ts'
import { ENVIRONMENTS, ERROR_RETENTION_DAYS, RETENTION_DAYS, type Retention } from '../retention.ts'

const DAY_MS = 86_400_000
const MEGABYTE = 1024 ** 2
/** Days whose mean is projected: a whole week has quiet days and busy ones. */
const MEAN_DAYS = 7
/** The errors file repeats the errors of all components. */
const ERRORS = 'errors'

/** What the specification expects of its three files, bytes a day. */
const ESTIMATES: Readonly<Record<string, { readonly low: number; readonly high: number }>> = {
  backend: { low: 50 * MEGABYTE, high: 200 * MEGABYTE },
  worker: { low: 100 * MEGABYTE, high: 500 * MEGABYTE },
  [ERRORS]: { low: 10 * MEGABYTE, high: 50 * MEGABYTE },
}

/** The answer about storage: what the store says, the files beside it, and what both come to in each environment. */
export function storageAnswer(
  use: StorageUse,
  files: readonly ComponentFiles[],
  retention: Retention,
  nowMs: number,
): StorageAnswer {
  return {
    retention: {
      environment: retention.environment,
      days: retention.days,
      error_days: retention.errorDays,
    },
    store: {
      bytes: use.storeBytes,
      rows: use.rows,
      line_bytes: use.lineBytes,
      disk_free_bytes: use.diskFreeBytes,
      expired_rows: use.expiredRows,
    },
    components: files.map((one) => ({
      component: one.component,
      files: one.files,
      file_bytes: one.bytes,
    })),
    days: use.days.map((day) => ({
      day: day.day,
      component: day.component,
      rows: day.rows,
      line_bytes: day.lineBytes,
      error_rows: day.errorRows,
      error_line_bytes: day.errorLineBytes,
    })),
    projection: project(use.days, nowMs),
  }
}

function project(days: StorageUse['days'], nowMs: number): StorageAnswer['projection'] {
  const perDay = bytesPerDay(days, nowMs)
  return ENVIRONMENTS.flatMap((environment) =>
    [...perDay].map(([component, bytes]) => {
      const retentionDays = component === ERRORS ? ERROR_RETENTION_DAYS : RETENTION_DAYS[environment]
      return {
        environment,
        component,
        bytes_per_day: bytes,
        retention_days: retentionDays,
        bytes: bytes * retentionDays,
        estimate_low_bytes_per_day: ESTIMATES[component]?.low ?? null,
        estimate_high_bytes_per_day: ESTIMATES[component]?.high ?? null,
      }
    }),
  )
}

/**
 * Mean of the last full days, at most 7, from the first of them that has a record on; before a day is full, what today has
 * brought so far. Days without a record count: who develops two days a week fills the disk by those.
 */
function bytesPerDay(days: StorageUse['days'], nowMs: number): ReadonlyMap<string, number> {
  const dayBefore = (count: number) => new Date(nowMs - count * DAY_MS).toISOString().slice(0, 10)
  const today = dayBefore(0)
  const full = days.filter(({ day }) => day < today && day >= dayBefore(MEAN_DAYS))
  const counted = full.length > 0 ? full : days.filter(({ day }) => day === today)
  const first = counted.reduce((earliest, { day }) => (day < earliest ? day : earliest), today)
  const dayCount = Math.max(1, Math.round((Date.parse(today) - Date.parse(first)) / DAY_MS))
  const sums = new Map(Object.keys(ESTIMATES).map((component) => [component, 0]))
  const add = (component: string, bytes: number) => sums.set(component, (sums.get(component) ?? 0) + bytes)
  for (const { component, lineBytes, errorLineBytes } of counted) {
    if (component !== ERRORS) add(component, lineBytes)
    add(ERRORS, errorLineBytes)
  }
  return new Map([...sums].map(([component, bytes]) => [component, Math.round(bytes / dayCount)]))
}
