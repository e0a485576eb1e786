/**
 * What can become of a generation. A word in the prompt, `[sim:fail]`, decides it; without one the seeded chance does.
 * `[sim:reset-once]` befalls only the first request with exactly that prompt, and the next one goes well.
 */
import type { Random } from './random.ts'

/** What happens to the request that asks for a generation; only after the last two something is generated. */
export const SUBMIT_OUTCOMES = [
  'busy', // 500069: the provider as a whole is busy
  'too-many', // 500044: too many generations of this key at once
  'no-credits', // 500090
  'moderated', // 500063: the prompt is refused
  'bad-parameter', // 400017
  'unauthorized', // 10005
  'garbage', // a page of HTML instead of JSON
  'cut', // JSON that ends in the middle
  'http-500',
  'reset', // the connection is reset
  'timeout', // no answer at all
  'slow-answer', // accepted, but the answer takes as long as a slow generation
  'lost-answer', // accepted and billed, but the answer is lost on the way
] as const

/** What happens to a generation that was accepted. */
export const RUN_OUTCOMES = [
  'ok',
  'slow', // takes the time set for slow generations
  'fail', // status 8
  'filtered', // status 7: the output is moderated
  'endless', // runs for ever
  'unknown-status', // ends in a status word nobody has heard of
  'poll-500', // the first question for its result is answered with HTTP 500
  'poll-garbage', // the first question for its result is answered with HTML
  'poll-unauthorized', // every question for its result is answered with 10005
  'download-404', // completes, but the file is not there
  'download-cut', // completes, but the download breaks off half way
  'redirect', // completes; the file lies behind a redirect
] as const

export type SubmitOutcome = (typeof SUBMIT_OUTCOMES)[number]
export type RunOutcome = (typeof RUN_OUTCOMES)[number]
export type Outcome = SubmitOutcome | RunOutcome

/** Every outcome there is. */
export const OUTCOMES: readonly Outcome[] = [...SUBMIT_OUTCOMES, ...RUN_OUTCOMES]

const ALL: ReadonlySet<string> = new Set(OUTCOMES)
const SUBMIT: ReadonlySet<string> = new Set(SUBMIT_OUTCOMES)
const TRIGGER = /\[sim:([a-z0-9-]+?)(-once)?\]/

/** Shares from 0 to 1; what is left of 1 goes well. */
export type OutcomeShares = Readonly<Partial<Record<Outcome, number>>>

/** Estimated from a real provider: 84 % completed, 7 % failed, 4 % filtered, 3 % refused, the rest late or broken. */
export const DEFAULT_SHARES: OutcomeShares = {
  slow: 0.03,
  fail: 0.07,
  filtered: 0.03,
  moderated: 0.01,
  busy: 0.01,
  'too-many': 0.004,
  'http-500': 0.007,
  reset: 0.004,
  'slow-answer': 0.002,
  garbage: 0.003,
  cut: 0.001,
  'lost-answer': 0.002,
  timeout: 0.001,
  endless: 0.002,
  'unknown-status': 0.002,
  'poll-500': 0.015,
  'poll-garbage': 0.005,
  'download-404': 0.004,
  'download-cut': 0.002,
}

export function isOutcome(text: string): text is Outcome {
  return ALL.has(text)
}

export function isSubmitOutcome(outcome: Outcome): outcome is SubmitOutcome {
  return SUBMIT.has(outcome)
}

/** A trigger word in a prompt. */
export interface Trigger {
  readonly outcome: Outcome
  /** Befalls the first request with this prompt only. */
  readonly isOnce: boolean
}

/** The first trigger word of a prompt; undefined when it has none or names an outcome that does not exist. */
export function findTrigger(prompt: string): Trigger | undefined {
  const match = TRIGGER.exec(prompt)
  const outcome = match?.[1]
  return outcome !== undefined && isOutcome(outcome)
    ? { outcome, isOnce: match?.[2] !== undefined }
    : undefined
}

/** An outcome by chance; `ok` for what the shares leave of 1. */
export function drawOutcome(random: Random, shares: OutcomeShares): Outcome {
  let rest = random()
  for (const [outcome, share] of Object.entries(shares)) {
    if (rest < share && isOutcome(outcome)) return outcome
    rest -= share
  }
  return 'ok'
}
