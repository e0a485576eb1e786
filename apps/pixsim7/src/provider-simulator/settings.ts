/** Settings of the provider simulator. It plays somebody else's machine: it reads the environment, and no `.env`. */
import { integer, port, readSettings, setting, text } from '@pixsim7/logging'
import type { Parser } from '@pixsim7/logging'
import { DEFAULT_SHARES, isOutcome, OUTCOMES, type OutcomeShares } from './outcomes.ts'

/** A generation that is slow takes so many times the median. */
const SLOW_FACTOR = 6

/** A number, with or without decimals, within bounds, both included. */
function number(min: number, max: number): Parser<number> {
  return {
    expected: `a number from ${min} to ${max}`,
    parse: (value) => {
      const parsed = /^\d{1,12}(\.\d{1,6})?$/.test(value) ? Number(value) : Number.NaN
      return parsed >= min && parsed <= max ? parsed : undefined
    },
  }
}

/** `fail=0.5,busy=0.1`; a little more than 1 in all is a rounding error. */
const SHARES: Parser<OutcomeShares> = {
  expected: `none, or pairs such as fail=0.5,busy=0.1 that add up to at most 1, of ${OUTCOMES.join(', ')}`,
  parse: (value) => {
    if (value === 'none') return {}
    const shares: Record<string, number> = {}
    for (const part of value.split(',')) {
      const [name = '', share = ''] = part.split('=').map((side) => side.trim())
      if (!isOutcome(name) || !/^(0|1|0?\.\d+|1\.0+)$/.test(share)) return undefined
      shares[name] = Number(share)
    }
    const total = Object.values(shares).reduce((sum, share) => sum + share, 0)
    return total <= 1.000001 ? shares : undefined
  },
}

/** Everything about the simulator that can be set. */
export const SIMULATOR_SETTINGS = {
  port: setting('PROVIDER_PORT', port(), {
    default: '8090',
    doc: 'Port on 127.0.0.1; 0: one the system chooses',
  }),
  seed: setting('PROVIDER_SEED', text(), {
    default: 'pixsim7',
    doc: 'Decides every delay and outcome that no prompt asks for',
  }),
  generationSec: setting('PROVIDER_GENERATION_SEC', number(0, 86_400), {
    default: '10',
    doc: `Median seconds of a generation, log-normal; a slow one takes ${SLOW_FACTOR} times as long`,
  }),
  answerMs: setting('PROVIDER_ANSWER_MS', number(0, 60_000), {
    default: '400',
    doc: 'Median milliseconds until a request is answered; 0 answers at once',
  }),
  credits: setting('PROVIDER_CREDITS', integer({ min: 0, max: 1_000_000_000 }), {
    default: '200',
    doc: 'Credits each key starts with; a generation costs one, and a failed one gives it back',
  }),
  poorShare: setting('PROVIDER_POOR_SHARE', number(0, 1), {
    default: '0.15',
    doc: 'Share of the keys that start with a twentieth of it, and so run low soon',
  }),
  creditsPerHour: setting('PROVIDER_CREDITS_PER_HOUR', number(0, 1e9), {
    default: '60',
    doc: 'Credits each key regains per hour, up to what it started with',
  }),
  slots: setting('PROVIDER_SLOTS', integer({ min: 1, max: 1000 }), {
    default: '5',
    doc: 'Generations one key may run at once',
  }),
  shares: setting('PROVIDER_SHARES', SHARES, {
    doc: 'Share of each outcome, the rest goes well; default: about those of a real provider, see outcomes.ts',
  }),
}

export interface SimulatorSettings {
  /** TCP port on `host`; 0 lets the system choose. */
  readonly port: number
  /** 127.0.0.1: the simulator has no login worth the name. */
  readonly host: string
  /** Decides every delay and outcome that no prompt asks for. */
  readonly seed: string
  /** Median time of a generation, so that most take half as long to twice as long. */
  readonly generationMs: number
  /** Time of a generation whose outcome is `slow`. */
  readonly slowGenerationMs: number
  /** Median time until a request is answered. 0 answers at once. */
  readonly answerMs: number
  /** Credits each API key starts with; a generation costs one, and a failed one gives it back. */
  readonly credits: number
  /** Share of the keys, from 0 to 1, that start with a twentieth of it and so run low soon. */
  readonly poorShare: number
  /** Credits each key regains per hour, up to what it started with. */
  readonly creditsPerHour: number
  /** Generations one key may run at once. */
  readonly slots: number
  readonly shares: OutcomeShares
  /** Number of the first video. Default: the clock, so that a restarted simulator never gives a number twice. */
  readonly firstVideoId: number
}

/** The settings used where nothing else is said. */
export function defaultSimulatorSettings(): SimulatorSettings {
  return readSimulatorSettings({})
}

/** Reads SIMULATOR_SETTINGS. @throws LoggingError LOGGING_SETTINGS_INVALID naming every bad value at once */
export function readSimulatorSettings(env: NodeJS.ProcessEnv): SimulatorSettings {
  const { generationSec, shares, ...settings } = readSettings(SIMULATOR_SETTINGS, {
    envFile: undefined,
    baseFolder: process.cwd(),
    lookUp: (name) => {
      const value = env[name]?.trim() ?? ''
      return value === '' ? undefined : { value, source: 'environment' }
    },
    problemsFor: () => [],
  })
  return {
    ...settings,
    host: '127.0.0.1',
    generationMs: generationSec * 1000,
    slowGenerationMs: generationSec * 1000 * SLOW_FACTOR,
    shares: shares ?? DEFAULT_SHARES,
    firstVideoId: Date.now(),
  }
}
