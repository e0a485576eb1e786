/** Secrets of every shape, a different one for each input, so that a finding tells which way it came. */
import { createHash } from 'node:crypto'

/** Where a secret may stand in clear because the system cannot do without. */
export interface Allowance {
  /** `table.column` of the database, and with it the files of PostgreSQL. */
  readonly columns?: readonly string[]
  /** Answers to the one it belongs to: what they are called by the collector of answers. */
  readonly answers?: RegExp
}

export interface Plant extends Allowance {
  /** Which input it was put into, and its shape. */
  readonly name: string
  readonly value: string
}

const plants: Plant[] = []

/** Remembers a secret that must be found nowhere, but where `allowance` says, and returns it. */
export function plant(name: string, value: string, allowance: Allowance = {}): string {
  plants.push({ name, value, ...allowance })
  return value
}

/** Every secret planted so far. */
export function allPlants(): readonly Plant[] {
  return plants
}

function bytesFor(name: string): Buffer {
  return createHash('sha256').update(`pixsim7 planted ${name}`).digest()
}

const letters = (name: string, length: number) =>
  bytesFor(name)
    .toString('base64')
    .replaceAll(/[^A-Za-z0-9]/g, 'x')
    .slice(0, length)

const digits = (name: string, length: number) =>
  [...bytesFor(name)]
    .map((byte) => String(byte % 10))
    .join('')
    .slice(0, length)

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

function cardNumber(name: string): string {
  const body = `4${digits(name, 14)}`
  const sum = [...body].reverse().reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 0 ? 2 : 1)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return `${body}${(10 - (sum % 10)) % 10}`
}

function iban(name: string): string {
  const account = digits(name, 18)
  // D is 13, E is 14; the check digits make the whole 1 modulo 97.
  const check = 98n - (BigInt(`${account}131400`) % 97n)
  return `DE${String(check).padStart(2, '0')}${account}`
}

const SHAPES = {
  password: (name: string) => `${letters(name, 12)}!9z`,
  opaque: (name: string) => letters(name, 28),
  jwt: (name: string) =>
    `${base64url({ alg: 'HS256' })}.${base64url({ sub: name, at: letters(name, 8) })}.${letters(`${name} s`, 40)}`,
  apiKey: (name: string) => `sk_live_${letters(name, 24)}`,
  cloudKey: (name: string) => `AKIA${letters(name, 16).toUpperCase()}`,
  github: (name: string) => `ghp_${letters(name, 36)}`,
  card: cardNumber,
  iban,
  email: (name: string) => `${letters(name, 10).toLowerCase()}@private.example`,
  pem: (name: string) =>
    `-----BEGIN PRIVATE KEY-----\n${letters(name, 40)}\n${letters(`${name} 2`, 40)}\n-----END PRIVATE KEY-----`,
} as const satisfies Readonly<Record<string, (name: string) => string>>

export type Shape = keyof typeof SHAPES

/** A secret of this shape for one input. */
export function plantShape(input: string, shape: Shape, allowance: Allowance = {}): string {
  return plant(`${shape} in ${input}`, SHAPES[shape](`${input} ${shape}`), allowance)
}

/**
 * One text with secrets of all shapes that can be told in prose or by the key before them: what a careless program puts into
 * a message, a header or an address.
 */
export function plantText(input: string, allowance: Allowance = {}): string {
  const secret = (shape: Shape, as = '') => plantShape(`${input}${as}`, shape, allowance)
  return [
    `password=${secret('password')}`,
    `token ${secret('jwt')} and key ${secret('apiKey')}`,
    `Authorization: Bearer ${secret('opaque', ' (bearer)')}`,
    `{"api_key":"${secret('opaque', ' (json)')}","aws":"${secret('cloudKey')}"}`,
    `https://root:${secret('password', ' (address)')}@db.example/x?access_token=${secret('opaque', ' (query)')}`,
    `card ${secret('card')}, account ${secret('iban')}, mail ${secret('email')}, ${secret('github')}`,
  ].join('; ')
}

/** A harmless word put into an input beside the secrets: it is found where that input is logged, so the search does search. */
export function marker(input: string): string {
  return `harmless-${letters(`marker ${input}`, 12).toLowerCase()}`
}
