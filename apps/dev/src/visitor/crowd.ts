/** A few visitors at a time, each coming, doing this and that, and leaving again. */
import { BackendAwayError } from './api-client.ts'
import { EARLY_HABITS, type Habit, HABITS, type Surroundings } from './habits.ts'
import { createOrder } from './job-order.ts'
import { Random } from './random.ts'
import { Visitor } from './visitor.ts'

export interface CrowdOptions {
  /** Address of the backend, without a slash at the end. */
  readonly origin: string
  /** Decides who does what and when. */
  readonly seed: string
  /** Goes into the names of the visitors; unique for each start. */
  readonly runName: string
  readonly visitors: number
  /** Mean time between two things one visitor does; each takes about two requests. */
  readonly meanPauseMs: number
  /** How long a visitor stays: between this and twice as long. Must end before the daily limit of 100 jobs does. */
  readonly stayMs: number
  /** Ends everything. */
  readonly signal: AbortSignal
}

/** While the backend is away it is asked at these times after the last: the panel shows its start within seconds. */
const BACK_OFF_MS = [500, 1000, 2000, 5000, 10_000] as const
/** Now and then somebody is in a hurry: a few things without a pause. */
const HURRY_SHARE = 0.06
const HURRY_PAUSE_MS = 80
/** How long one who has tried his password too often lets it be. */
const LIMITED_PAUSE_MS = 20_000

/** Resolves after `durationMs`, or at once when `signal` is aborted. */
function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, durationMs)
    signal.addEventListener('abort', end)
  })
}

/** The visitors of one run. {@link run} resolves when its signal is aborted. */
export class Crowd implements Surroundings {
  readonly #options: CrowdOptions
  readonly #present = new Map<number, Visitor>()
  readonly #early: Habit[] = [...EARLY_HABITS]
  #jobs = 0
  #arrivals = 0

  constructor(options: CrowdOptions) {
    this.#options = options
  }

  async run(): Promise<void> {
    const places = Array.from({ length: this.#options.visitors }, (_, place) => this.#fill(place))
    await Promise.all(places)
  }

  readonly nextJobNumber = (): number => ++this.#jobs

  readonly someoneElse = (visitor: Visitor): Visitor | undefined => {
    const others = [...this.#present.values()].filter((other) => other !== visitor && other.jobs.length > 0)
    return others.length === 0 ? undefined : visitor.random.pick(others)
  }

  /** One visitor after the other takes this place. */
  async #fill(place: number): Promise<void> {
    const { origin, seed, runName, signal } = this.#options
    const random = new Random(`${seed} place ${place}`)
    // Not all at the same moment.
    await pause(place * HURRY_PAUSE_MS, signal)
    while (!signal.aborted) {
      const visitor = new Visitor({ origin, name: `visitor-${runName}-${++this.#arrivals}`, random, signal })
      this.#present.set(place, visitor)
      await this.#stay(visitor)
      await pause(random.waitMs(this.#options.meanPauseMs), signal)
    }
  }

  /** From coming to leaving; ends early when the backend will not have him. */
  async #stay(visitor: Visitor): Promise<void> {
    const { stayMs, signal, meanPauseMs } = this.#options
    const { random } = visitor
    if (!(await this.#insist(() => visitor.arrive()))) return
    await this.#insist(() => visitor.order(createOrder(random, this.nextJobNumber())))
    const leavesAt = performance.now() + stayMs * (1 + random.next())
    while (!signal.aborted && performance.now() < leavesAt) {
      await pause(random.chance(HURRY_SHARE) ? HURRY_PAUSE_MS : random.waitMs(meanPauseMs), signal)
      if (!visitor.hasSession) {
        const result = await this.#insist(() => visitor.signIn())
        if (result === 'refused') return
        if (result === 'limited') await pause(LIMITED_PAUSE_MS, signal)
      } else {
        const habit = this.#early.shift() ?? random.pickWeighted(HABITS)
        await this.#insist(() => habit.act(visitor, this))
      }
    }
    await this.#insist(() => visitor.leave())
  }

  /** Does `act`, again and again while the backend is away. Undefined when everything ends meanwhile. */
  async #insist<T>(act: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#options
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        return await act()
      } catch (error) {
        if (!(error instanceof BackendAwayError)) throw error
        await pause(BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)] ?? 0, signal)
      }
    }
    return undefined
  }
}
