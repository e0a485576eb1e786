import { writeSync } from 'node:fs'
import { redactText } from '../redaction/redact-text.ts'

const REPEAT_MS = 10_000
const lastByKind = new Map<string, { atMs: number; suppressed: number }>()

/**
 * A line on stderr about the library itself, for those who look at the terminal or journal because the log file says
 * nothing any more. Each kind at most every ten seconds (or `repeatMs`), with how many were left out. Never throws.
 */
export function notice(kind: string, text: string, repeatMs = REPEAT_MS): void {
  const nowMs = Date.now()
  const last = lastByKind.get(kind)
  if (last !== undefined && nowMs - last.atMs < repeatMs) {
    last.suppressed++
    return
  }
  lastByKind.set(kind, { atMs: nowMs, suppressed: 0 })
  const more =
    last !== undefined && last.suppressed > 0 ? ` (and ${last.suppressed} times since the last notice)` : ''
  writeToStderr(`pixsim7.logging: ${redactText(text)}${more}\n`)
}

/** Writes to stderr before it returns. Never throws: when nobody reads there, there is nobody left to tell. */
export function writeToStderr(text: string): void {
  try {
    writeSync(2, text)
  } catch {
    // EPIPE, EBADF, or EAGAIN of a full pipe.
  }
}
