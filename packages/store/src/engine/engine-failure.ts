import { StoreError, messageOf, type StoreErrorCode } from '../store-error.ts'

/** ClickHouse's error numbers that mean something of their own to us. */
const CODES: ReadonlyMap<number, StoreErrorCode> = new Map([
  [159, 'STORE_TIMEOUT'],
  [160, 'STORE_TIMEOUT'],
  [173, 'STORE_TOO_LARGE'],
  [241, 'STORE_TOO_LARGE'],
  [307, 'STORE_TOO_LARGE'],
  [394, 'STORE_ABORTED'],
  [396, 'STORE_TOO_LARGE'],
])

const ADVICE: Partial<Record<StoreErrorCode, string>> = {
  STORE_TIMEOUT: 'The question took longer than it may. Narrow its time range or add a condition.',
  STORE_TOO_LARGE:
    'The question needs more memory than it may have. Narrow its time range or add a condition.',
  STORE_ABORTED: 'The question was withdrawn before it was answered.',
}

/**
 * An error of an insert as ours. Only its number and name: the engine's words may quote the row it could not read, and no
 * log line may get into an event or another log.
 */
export function insertFailure(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const number = (error as { clickhouseCode?: unknown } | null)?.clickhouseCode
  const name = /\(([A-Z][A-Z_]+)\)/.exec(messageOf(error))?.[1] ?? 'no name'
  return new StoreError(
    'STORE_QUERY_FAILED',
    `The store engine refused rows: error ${String(number)} (${name}).`,
    error,
  )
}

/** An error of the engine as ours. */
export function engineFailure(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const number = (error as { clickhouseCode?: unknown } | null)?.clickhouseCode
  const code = (typeof number === 'number' ? CODES.get(number) : undefined) ?? 'STORE_QUERY_FAILED'
  const said = messageOf(error).split('\n')[0]?.slice(0, 500) ?? ''
  return new StoreError(code, ADVICE[code] ?? `The store engine refused a statement: ${said}`, error)
}
