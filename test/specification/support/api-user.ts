/** Somebody who uses the API over HTTP, and remembers what was answered to which request id. */
import { randomUUID } from 'node:crypto'
import { waitFor } from '@pixsim7/testkit'
import { PATIENCE_MS } from '../../support/running-system.ts'

export interface Answer {
  readonly requestId: string
  readonly method: string
  /** With `/api/v1`, without the query. */
  readonly path: string
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

const PASSWORD = 'correct-horse-battery'
/** Without digits, in which a search for the number of a job or user could find it by chance. */
const LETTERS = 'ghijklmnop'
const OVER = new Set(['completed', 'failed', 'cancelled'])

/** A user; `answers` holds all that was answered, in the order of the answers. */
export class ApiUser {
  readonly answers: Answer[] = []
  readonly name: string
  id = 0
  readonly #apiUrl: string
  #token: string | undefined

  constructor(apiUrl: string, name: string) {
    this.#apiUrl = apiUrl
    this.name = name
  }

  /** Registers, and is signed in from then on. */
  static async register(apiUrl: string, name: string): Promise<ApiUser> {
    const user = new ApiUser(apiUrl, name)
    const { body } = await user.askWell('POST', '/auth/register', {
      email: user.#email,
      username: name,
      password: PASSWORD,
    })
    user.#token = body['access_token'] as string
    user.id = (body['user'] as { id: number }).id
    return user
  }

  get #email(): string {
    return `${this.name}@example.com`
  }

  /** @throws what fetch throws when there is no answer */
  async ask(method: string, path: string, body?: object): Promise<Answer> {
    const requestId = `test-${randomUUID().replaceAll(/\d/g, (digit) => LETTERS[Number(digit)] ?? '')}`
    const response = await fetch(`${this.#apiUrl}/api/v1${path}`, {
      method,
      headers: {
        'x-request-id': requestId,
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const answer: Answer = {
      requestId,
      method,
      path: `/api/v1${path.split('?')[0] ?? ''}`,
      status: response.status,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    }
    this.answers.push(answer)
    return answer
  }

  /** The same for what must go well. */
  async askWell(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await this.ask(method, path, body)
    if (answer.status < 300) return answer
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }

  signIn(password = PASSWORD): Promise<Answer> {
    return this.ask('POST', '/auth/login', { email: this.#email, password })
  }

  /** An account at the provider, with credits. */
  async addAccount(name: string): Promise<void> {
    const { body } = await this.askWell('POST', '/accounts', {
      provider_id: 'pixverse',
      email: `${name}-of-${this.#email}`,
      api_key: `${name}-${randomUUID()}`,
      max_concurrent_jobs: 5,
    })
    const credits = { credit_type: 'webapi', amount: 100 }
    await this.askWell('POST', `/accounts/${body['id'] as number}/credits`, credits)
  }

  /** Orders a video whose fate the word decides, see docs/provider-simulator.md; returns the job's id. */
  async order(word: string): Promise<number> {
    const { body } = await this.askWell('POST', '/jobs', {
      operation_type: 'text_to_video',
      params: { prompt: `a lighthouse [sim:${word}]` },
    })
    return body['id'] as number
  }

  /** Waits until the job is over and returns its status. */
  waitForJob(jobId: number): Promise<string> {
    return waitFor(
      async () => {
        const { body } = await this.askWell('GET', `/jobs/${jobId}`)
        return OVER.has(body['status'] as string) && (body['status'] as string)
      },
      { timeoutMs: PATIENCE_MS, intervalMs: 200, what: `job ${jobId} to be over` },
    )
  }

  /** The asset of a job that completed, once its download has reached this state. */
  waitForAsset(jobId: number, syncStatus: string): Promise<number> {
    return waitFor(
      async () => {
        const { body } = await this.askWell('GET', '/assets?limit=100')
        const assets = body['assets'] as { id: number; source_job_id: number; sync_status: string }[]
        return assets.find((one) => one.source_job_id === jobId && one.sync_status === syncStatus)?.id
      },
      { timeoutMs: PATIENCE_MS, intervalMs: 200, what: `the asset of job ${jobId} to be ${syncStatus}` },
    )
  }
}
