/** Takes requests for generations: checks them, decides what becomes of them, bills them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerError, answerSuccess, answerWrongly } from './answers.ts'
import { readGenerateRequest, type Operation } from './generate-request.ts'
import type { Generation, Generations } from './generations.ts'
import { drawOutcome, findTrigger, isSubmitOutcome, type Outcome, type RunOutcome } from './outcomes.ts'
import type { Purses } from './purse.ts'
import { pauseFor } from './pause.ts'
import { logNormal, seededRandom } from './random.ts'
import { parseObject, readBody } from './request-body.ts'
import type { SimulatorSettings } from './settings.ts'

const MAX_BODY_BYTES = 1024 * 1024
/** Prompts with a `-once` trigger that have had their turn; forgotten beyond this, oldest first. */
const MAX_REMEMBERED_PROMPTS = 10_000

export interface Caller {
  readonly operation: Operation
  readonly key: string
  readonly traceId: string
  /** Takes the time an answer takes. Asked for after the decision: who hangs up meanwhile has generated all the same. */
  readonly pause: () => Promise<void>
}

export class GenerateDesk {
  readonly #settings: SimulatorSettings
  readonly #now: () => number
  readonly #purses: Purses
  readonly #generations: Generations
  readonly #seenPrompts = new Set<string>()
  #requests = 0

  constructor(parts: {
    readonly settings: SimulatorSettings
    readonly now: () => number
    readonly purses: Purses
    readonly generations: Generations
  }) {
    this.#settings = parts.settings
    this.#now = parts.now
    this.#purses = parts.purses
    this.#generations = parts.generations
  }

  /** Answers `POST video/{operation}/generate`. */
  async answer(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    const text = await readBody(request, MAX_BODY_BYTES)
    const body = text === undefined ? undefined : parseObject(text.toString('utf8'))
    if (body === undefined) return answerError(response, 'badParameter', 'body')
    const asked = readGenerateRequest(caller.operation, body)
    if ('error' in asked) return answerError(response, asked.error, asked.detail)

    // The same trace id is the same request: answered again, not generated and billed again.
    const known = this.#generations.findByTrace(caller.key, caller.traceId)
    if (known !== undefined) {
      await caller.pause()
      return answerSuccess(response, { video_id: known.id })
    }

    const number = this.#requests++
    const outcome = this.#decide(asked.prompt, number)
    const refusal = this.#refusal(outcome, caller)
    if (refusal !== undefined) {
      await caller.pause()
      return refusal(response)
    }
    const run: RunOutcome = isSubmitOutcome(outcome) ? 'ok' : outcome
    const generation = this.#accept(caller, asked, run, number)
    await (outcome === 'slow-answer' ? pauseFor(this.#settings.slowGenerationMs) : caller.pause())
    if (outcome === 'lost-answer') return answerWrongly(response, 'reset')
    answerSuccess(response, { video_id: generation.id })
  }

  #decide(prompt: string, number: number): Outcome {
    const trigger = findTrigger(prompt)
    if (trigger === undefined) {
      return drawOutcome(seededRandom(`${this.#settings.seed} outcome ${number}`), this.#settings.shares)
    }
    if (!trigger.isOnce) return trigger.outcome
    if (this.#seenPrompts.has(prompt)) return 'ok'
    this.#seenPrompts.add(prompt)
    const oldest = this.#seenPrompts.values().next().value
    if (this.#seenPrompts.size > MAX_REMEMBERED_PROMPTS && oldest !== undefined)
      this.#seenPrompts.delete(oldest)
    return trigger.outcome
  }

  /** How the request is refused; undefined when it is accepted. */
  #refusal(outcome: Outcome, caller: Caller): ((response: ServerResponse) => void) | undefined {
    switch (outcome) {
      case 'unauthorized':
        return (response) => answerError(response, 'invalidKey')
      case 'bad-parameter':
        return (response) => answerError(response, 'badParameter')
      case 'moderated':
        return (response) => answerError(response, 'promptModerated')
      case 'busy':
        return (response) => answerError(response, 'busy')
      case 'too-many':
        return (response) => answerError(response, 'tooMany')
      case 'no-credits':
        return (response) => answerError(response, 'noCredits')
      case 'garbage':
      case 'cut':
      case 'http-500':
      case 'reset':
      case 'timeout':
        return (response) => answerWrongly(response, outcome)
    }
    if (this.#generations.countRunning(caller.key) >= this.#settings.slots) {
      return (response) => answerError(response, 'tooMany')
    }
    return this.#purses.take(caller.key) ? undefined : (response) => answerError(response, 'noCredits')
  }

  #accept(
    caller: Caller,
    asked: { readonly prompt: string; readonly width: number; readonly height: number },
    outcome: RunOutcome,
    number: number,
  ): Generation {
    const createdAtMs = this.#now()
    const generation: Generation = {
      id: this.#settings.firstVideoId + number,
      key: caller.key,
      traceId: caller.traceId,
      prompt: asked.prompt,
      outcome,
      createdAtMs,
      endsAtMs: createdAtMs + this.#runMs(outcome, asked.prompt, number),
      width: asked.width,
      height: asked.height,
      resultRequests: 0,
      isRefunded: false,
    }
    this.#generations.add(generation)
    return generation
  }

  #runMs(outcome: RunOutcome, prompt: string, number: number): number {
    if (outcome === 'endless') return Number.POSITIVE_INFINITY
    if (outcome === 'slow') return this.#settings.slowGenerationMs
    // A prompt with a trigger asks for a known behaviour: its time is not left to chance either.
    if (findTrigger(prompt) !== undefined) return this.#settings.generationMs / 2
    return logNormal(seededRandom(`${this.#settings.seed} run ${number}`), this.#settings.generationMs, 0.4)
  }
}
