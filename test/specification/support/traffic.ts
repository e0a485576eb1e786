/** Real traffic that goes on while files are rotated: users who ask one thing after the other, in parallel. */
import { waitFor } from '@pixsim7/testkit'
import { PATIENCE_MS } from '../../support/running-system.ts'
import type { Answer, ApiUser } from './api-user.ts'

/** INFO, INFO, WARNING (404), and ERROR of backend and errors file: the file of this asset is not there. */
function pathsFor(assetId: number): readonly (readonly [string, string])[] {
  return [
    ['GET', '/users/me'],
    ['GET', '/jobs?limit=5'],
    ['GET', '/jobs/999999999'],
    ['POST', `/assets/${assetId}/sync`],
  ]
}

/** Started at once; `stop` it. Requests that get no answer, since the backend is being restarted, are not counted. */
export class Traffic {
  readonly #users: readonly ApiUser[]
  readonly #running: Promise<unknown>
  #isOn = true

  /** @param assetId Of the first user, in status `error`. */
  constructor(users: readonly ApiUser[], assetId: number) {
    this.#users = users
    this.#running = Promise.all(users.map((user) => this.#use(user, assetId)))
  }

  /** All that was answered so far, of the time before the traffic too. */
  get answered(): readonly Answer[] {
    return this.#users.flatMap(({ answers }) => answers)
  }

  /** Waits for so many answers more. */
  async more(count: number): Promise<void> {
    const goal = this.answered.length + count
    await waitFor(() => this.answered.length >= goal, { timeoutMs: PATIENCE_MS, what: `${count} answers` })
  }

  async stop(): Promise<void> {
    this.#isOn = false
    await this.#running
  }

  async #use(user: ApiUser, assetId: number): Promise<void> {
    while (this.#isOn) {
      for (const [method, path] of pathsFor(assetId)) {
        await user.ask(method, path).catch(() => new Promise((resolve) => setTimeout(resolve, 50)))
      }
    }
  }
}
