/** Settings of the provider simulator, from the environment. */
import { DEFAULT_SHARES, isOutcome, type OutcomeShares } from './outcomes.ts'

export interface SimulatorSettings {
  /** TCP port on `host`; 0 lets the system choose. Default 8090. */
  readonly port: number
  /** Default 127.0.0.1: the simulator has no login worth the name. */
  readonly host: string
  /** Decides every delay and outcome that no prompt asks for. */
  readonly seed: string
  /** Median time of a generation; default 10 s, so that most take 5 to 25 s. */
  readonly generationMs: number
  /** Time of a generation whose outcome is `slow`; default six medians. */
  readonly slowGenerationMs: number
  /** Median time until a request is answered; default 400 ms. 0 answers at once. */
  readonly answerMs: number
  /** Credits each API key starts with; a generation costs one, and a failed one gives it back. Default 200. */
  readonly credits: number
  /** Share of the keys, from 0 to 1, that start with a twentieth of it and so run low soon. Default 0.15. */
  readonly poorShare: number
  /** Credits each key regains per hour, up to what it started with; default 60. */
  readonly creditsPerHour: number
  /** Generations one key may run at once; default 5. */
  readonly slots: number
  readonly shares: OutcomeShares
  /** Number of the first video. Default: the clock, so that a restarted simulator never gives a number twice. */
  readonly firstVideoId: number
}

/** A mistake in the settings; the message has one line for each. */
export class SimulatorSettingsError extends Error {
  override readonly name = 'SimulatorSettingsError'
  readonly code = 'SIMULATOR_SETTINGS_INVALID'
}

/** The settings used where nothing else is said. */
export function defaultSimulatorSettings(): SimulatorSettings {
  return {
    port: 8090,
    host: '127.0.0.1',
    seed: 'pixsim7',
    generationMs: 10_000,
    slowGenerationMs: 60_000,
    answerMs: 400,
    credits: 200,
    poorShare: 0.15,
    creditsPerHour: 60,
    slots: 5,
    shares: DEFAULT_SHARES,
    firstVideoId: Date.now(),
  }
}

/**
 * Reads `PROVIDER_PORT`, `PROVIDER_SEED`, `PROVIDER_GENERATION_SEC`, `PROVIDER_ANSWER_MS`, `PROVIDER_CREDITS`,
 * `PROVIDER_POOR_SHARE`, `PROVIDER_CREDITS_PER_HOUR`, `PROVIDER_SLOTS` and `PROVIDER_SHARES` (`fail=0.5,busy=0.1`, the rest goes well; `none`).
 *
 * @throws SimulatorSettingsError naming every bad value at once
 */
export function readSimulatorSettings(env: NodeJS.ProcessEnv): SimulatorSettings {
  const mistakes: string[] = []
  const defaults = defaultSimulatorSettings()
  const number = (name: string, fallback: number, min: number, max: number) => {
    const text = env[name]?.trim()
    if (text === undefined || text === '') return fallback
    const value = Number(text)
    if (Number.isFinite(value) && value >= min && value <= max) return value
    mistakes.push(`${name}=${text}: expected a number from ${min} to ${max}`)
    return fallback
  }
  const generationMs = number('PROVIDER_GENERATION_SEC', defaults.generationMs / 1000, 0, 86_400) * 1000
  const settings: SimulatorSettings = {
    ...defaults,
    port: number('PROVIDER_PORT', defaults.port, 0, 65_535),
    seed: env['PROVIDER_SEED'] ?? defaults.seed,
    generationMs,
    slowGenerationMs: generationMs * 6,
    answerMs: number('PROVIDER_ANSWER_MS', defaults.answerMs, 0, 60_000),
    credits: Math.floor(number('PROVIDER_CREDITS', defaults.credits, 0, 1e9)),
    poorShare: number('PROVIDER_POOR_SHARE', defaults.poorShare, 0, 1),
    creditsPerHour: number('PROVIDER_CREDITS_PER_HOUR', defaults.creditsPerHour, 0, 1e9),
    slots: Math.floor(number('PROVIDER_SLOTS', defaults.slots, 1, 1000)),
    shares: readShares(env['PROVIDER_SHARES'], mistakes) ?? defaults.shares,
  }
  if (mistakes.length > 0) throw new SimulatorSettingsError(mistakes.join('\n'))
  return settings
}

function readShares(text: string | undefined, mistakes: string[]): OutcomeShares | undefined {
  if (text === undefined || text.trim() === '') return undefined
  if (text.trim() === 'none') return {}
  const shares: Record<string, number> = {}
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=').map((side) => side.trim())
    const share = value === '' ? Number.NaN : Number(value)
    if (isOutcome(name) && share >= 0 && share <= 1) shares[name] = share
    else mistakes.push(`PROVIDER_SHARES: ${part.trim()}: expected outcome=share, a known outcome and 0 to 1`)
  }
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0)
  if (total > 1.000001) mistakes.push(`PROVIDER_SHARES: the shares add up to ${total}: expected at most 1`)
  return shares
}
