/** Somebody who uses PixSim7: a user with an account at the provider, a session, and jobs he wants to see finished. */
import { randomBytes } from 'node:crypto'
import { ApiClient, type Answer, type Method } from './api-client.ts'
import type { Random } from './random.ts'

const UNAUTHORIZED = 401
const CREATED = 201
const TOO_MANY_REQUESTS = 429
const ACCOUNTS = 2
const REMEMBERED_JOBS = 20

const USER_AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36',
  'pixsim7-cli/1.4',
]

/** Never guessable, never kept: nobody can sign in as a visitor of an earlier start. */
export function createSecret(): string {
  return randomBytes(18).toString('base64url')
}

export interface VisitorOptions {
  readonly origin: string
  /** Unique among all visitors this backend has ever seen. */
  readonly name: string
  readonly random: Random
  /** Ends whatever he is doing. */
  readonly signal: AbortSignal
}

/** One visitor. Each method throws BackendAwayError when the backend does not answer. */
export class Visitor {
  readonly name: string
  readonly random: Random
  readonly #password = createSecret()
  readonly #client: ApiClient
  #jobs: number[] = []
  #accounts: number[] = []
  #addresses = 0

  constructor({ origin, name, random, signal }: VisitorOptions) {
    this.name = name
    this.random = random
    this.#client = new ApiClient(origin, random.pick(USER_AGENTS), signal)
  }

  get email(): string {
    return `${this.name}@visitors.example`
  }

  /** His latest jobs, newest last. */
  get jobs(): readonly number[] {
    return this.#jobs
  }

  /** His accounts at the provider that he expects to work. */
  get accounts(): readonly number[] {
    return this.#accounts
  }

  get hasSession(): boolean {
    return this.#client.token !== undefined
  }

  /** A request with his session. A session that ended, perhaps with the backend's data, is forgotten. */
  async ask(method: Method, path: string, body?: object): Promise<Answer> {
    const answer = await this.#client.request(method, path, body)
    if (answer.status === UNAUTHORIZED) this.#client.token = undefined
    return answer
  }

  /** A request with another token than his, or with none. */
  async askAs(token: string | undefined, method: Method, path: string, body?: object): Promise<Answer> {
    const own = this.#client.token
    this.#client.token = token
    try {
      return await this.#client.request(method, path, body)
    } finally {
      this.#client.token = own
    }
  }

  /** Signs up and adds his accounts at the provider; begun before and broken off, goes on. False when the backend refuses. */
  async arrive(): Promise<boolean> {
    const registration = { email: this.email, username: this.name, password: this.#password }
    const isRegistered = this.#keepToken(await this.askAs(undefined, 'POST', '/auth/register', registration))
    if (!isRegistered && (await this.signIn()) !== 'done') return false
    for (let index = this.#accounts.length; index < ACCOUNTS; index++) {
      const id = await this.addAccount(`key-${createSecret()}`, 50 * (index + 1))
      if (id !== undefined) this.#accounts.push(id)
    }
    return true
  }

  /** Signs in. `limited`: too often for now; `refused`: the backend does not know him (any more). */
  async signIn(): Promise<'done' | 'limited' | 'refused'> {
    const credentials = { email: this.email, password: this.#password }
    const answer = await this.askAs(undefined, 'POST', '/auth/login', credentials)
    if (this.#keepToken(answer)) return 'done'
    return answer.status === TOO_MANY_REQUESTS ? 'limited' : 'refused'
  }

  async signInWrongly(): Promise<Answer> {
    return this.askAs(undefined, 'POST', '/auth/login', { email: this.email, password: createSecret() })
  }

  /** Signs out; returns the token that no longer works. */
  async signOut(): Promise<string | undefined> {
    const token = this.#client.token
    await this.ask('POST', '/auth/logout')
    this.#client.token = undefined
    return token
  }

  /** Adds an account at the provider, private, with its credits; its id, undefined when the backend refuses. */
  async addAccount(apiKey: string, credits: number): Promise<number | undefined> {
    const { status, body } = await this.ask('POST', '/accounts', {
      provider_id: 'pixverse',
      email: `${this.name}-${++this.#addresses}@studio.example`,
      is_private: true,
      api_key: apiKey,
      priority: this.random.between(0, 5),
    })
    const id = Number(body['id'])
    if (status !== CREATED || !(id > 0)) return undefined
    await this.ask('POST', `/accounts/${id}/credits`, { credit_type: 'webapi', amount: credits })
    return id
  }

  /** Ids of his assets, newest first; `query` as the API takes it. */
  async listAssets(query: string): Promise<number[]> {
    const { body } = await this.ask('GET', `/assets?${query}`)
    const assets = Array.isArray(body['assets']) ? (body['assets'] as { id?: unknown }[]) : []
    return assets.map(({ id }) => Number(id)).filter((id) => id > 0)
  }

  /** Orders a job and remembers it. */
  async order(order: object): Promise<Answer> {
    const answer = await this.ask('POST', '/jobs', order)
    const id = Number(answer.body['id'])
    if (answer.status === CREATED && id > 0) this.#jobs = [...this.#jobs, id].slice(-REMEMBERED_JOBS)
    return answer
  }

  /** Looks after a job; one that has ended, or is unknown, is forgotten. */
  async lookAfter(jobId: number): Promise<void> {
    const { status, body } = await this.ask('GET', `/jobs/${jobId}`)
    const isOpen = status === 200 && (body['status'] === 'pending' || body['status'] === 'processing')
    if (!isOpen && status !== UNAUTHORIZED) this.#jobs = this.#jobs.filter((id) => id !== jobId)
  }

  /** Leaves for good: takes his assets and his accounts with him, as far as no job runs on them, and ends all sessions. */
  async leave(): Promise<void> {
    for (const id of await this.listAssets('limit=100')) await this.ask('DELETE', `/assets/${id}`)
    for (const id of this.#accounts) await this.ask('DELETE', `/accounts/${id}`)
    await this.ask('POST', '/auth/logout-all')
    this.#client.token = undefined
  }

  #keepToken({ body }: Answer): boolean {
    const token = body['access_token']
    this.#client.token = typeof token === 'string' ? token : undefined
    return this.hasSession
  }
}
