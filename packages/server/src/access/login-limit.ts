import { isIPv6 } from 'node:net'

/** Wrong passwords one client may try in a row, and how often one more is allowed after that. */
const PER_CLIENT = { burst: 10, refillMs: 6000 }
/** The same for all unknown clients together: what thousands of addresses may try. */
const ALL_CLIENTS = { burst: 100, refillMs: 600 }
/** Clients watched at once; past it the one longest quiet is forgotten, which the common limit makes up for. */
const MAX_CLIENTS = 10_000

interface Bucket {
  tokens: number
  filledAtMs: number
}

/** Who tries to sign in. */
export interface LoginClient {
  readonly address: string
  /** Id of a browser that has signed in before, if it is one. */
  readonly device: string | undefined
}

/**
 * Slows down guessing of the password. Each attempt takes a token of its client, and one of all clients together, and
 * gets them back when the password was right. Tokens come back with time, so nobody is locked out for ever; a browser that
 * has signed in before has tokens of its own, so that no flood of guesses keeps the administrator out.
 */
export class LoginLimit {
  readonly #now: () => number
  readonly #clients = new Map<string, Bucket>()
  readonly #all: Bucket

  /** @param now milliseconds on a clock that may jump; a jump back costs waiting, never a lock */
  constructor(now: () => number) {
    this.#now = now
    this.#all = { tokens: ALL_CLIENTS.burst, filledAtMs: now() }
  }

  /** Takes one attempt. Returns 0 when it may be made, else the seconds to wait until one may. */
  take(client: LoginClient): number {
    const bucket = this.#bucketOf(client)
    const isCommon = client.device === undefined
    refill(bucket, PER_CLIENT, this.#now())
    refill(this.#all, ALL_CLIENTS, this.#now())
    const waitMs = Math.max(missingMs(bucket, PER_CLIENT), isCommon ? missingMs(this.#all, ALL_CLIENTS) : 0)
    if (waitMs > 0) return Math.ceil(waitMs / 1000)
    bucket.tokens--
    if (isCommon) this.#all.tokens--
    return 0
  }

  /** Gives back what the attempt took: the password was right. */
  succeeded(client: LoginClient): void {
    this.#clients.delete(keyOf(client))
    if (client.device === undefined) this.#all.tokens = Math.min(ALL_CLIENTS.burst, this.#all.tokens + 1)
  }

  #bucketOf(client: LoginClient): Bucket {
    const key = keyOf(client)
    const bucket = this.#clients.get(key) ?? { tokens: PER_CLIENT.burst, filledAtMs: this.#now() }
    // Set anew, so that the map's order is by last use.
    this.#clients.delete(key)
    this.#clients.set(key, bucket)
    if (this.#clients.size > MAX_CLIENTS) this.#clients.delete(this.#clients.keys().next().value ?? '')
    return bucket
  }
}

function refill(bucket: Bucket, { burst, refillMs }: typeof PER_CLIENT, nowMs: number): void {
  const passedMs = Math.max(0, nowMs - bucket.filledAtMs)
  bucket.tokens = Math.min(burst, bucket.tokens + passedMs / refillMs)
  bucket.filledAtMs = nowMs
}

function missingMs(bucket: Bucket, { refillMs }: typeof PER_CLIENT): number {
  return bucket.tokens >= 1 ? 0 : (1 - bucket.tokens) * refillMs
}

function keyOf({ address, device }: LoginClient): string {
  return device === undefined ? `address ${networkOf(address)}` : `device ${device}`
}

/** One customer's IPv6 network counts as one client: it has 2^64 addresses to come from. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
