import path from 'node:path'

/** Turns the text of a setting into its value. */
export interface Parser<T> {
  /** Completes "expected …": `one of plain, json, off`. */
  readonly expected: string
  /**
   * The value, or undefined for text it does not take; never throws. `baseFolder` is what relative paths are
   * resolved against.
   */
  readonly parse: (text: string, baseFolder: string) => T | undefined
}

/** One of a list of words, in any case; returns the word as listed. */
export function oneOf<const T extends string>(words: readonly T[]): Parser<T> {
  return {
    expected: `one of ${words.join(', ')}`,
    parse: (text) => words.find((word) => word.toLowerCase() === text.toLowerCase()),
  }
}

const BOOLEAN_WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
])

/** `true` or `false`; 1, yes, on and 0, no, off as well. */
export function boolean(): Parser<boolean> {
  return { expected: 'true or false', parse: (text) => BOOLEAN_WORDS.get(text.toLowerCase()) }
}

/** Any text, or text of a least length (a secret key that is too short is a mistake worth telling). */
export function text(options: { minLength?: number } = {}): Parser<string> {
  const minLength = options.minLength ?? 1
  return {
    expected: minLength > 1 ? `at least ${minLength} characters` : 'a text',
    parse: (value) => (value.length >= minLength ? value : undefined),
  }
}

/** A whole number within bounds, both included. */
export function integer(options: { min?: number; max?: number } = {}): Parser<number> {
  const min = options.min ?? Number.MIN_SAFE_INTEGER
  const max = options.max ?? Number.MAX_SAFE_INTEGER
  const bounds = [
    ...(options.min === undefined ? [] : [`from ${min}`]),
    ...(options.max === undefined ? [] : [`to ${max}`]),
  ]
  return {
    expected: ['a whole number', ...bounds].join(' '),
    parse: (value) => {
      const number = /^[+-]?\d{1,16}$/.test(value) ? Number(value) : Number.NaN
      return number >= min && number <= max ? number : undefined
    },
  }
}

/** A TCP port, 1 to 65535; 0 (the system chooses one) as well. */
export function port(): Parser<number> {
  return { ...integer({ min: 0, max: 65_535 }), expected: 'a port, 0 to 65535' }
}

/** An absolute URL with one of the given protocols, written with their colon: `['http:', 'https:']`. */
export function url(protocols: readonly string[]): Parser<string> {
  return {
    expected: `a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    parse: (value) =>
      URL.canParse(value) && protocols.includes(new URL(value).protocol) ? value : undefined,
  }
}

/** A path; a relative one is resolved against the folder of the `.env` file or workspace root. */
export function filePath(): Parser<string> {
  return {
    expected: 'a path',
    parse: (value, baseFolder) => (value.includes('\0') ? undefined : path.resolve(baseFolder, value)),
  }
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1024,
  kib: 1024,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
  tb: 1024 ** 4,
  tib: 1024 ** 4,
}

/** A duration with its unit (`50ms`, `10s`, `5m`, `12h`, `7d`, `2w`) in milliseconds. Only 0 needs no unit. */
export function durationMs(options: { min?: number; max?: number } = {}): Parser<number> {
  return quantity(DURATION_UNITS, 'a duration with unit such as 50ms, 10s, 12h or 7d', options)
}

/** A size with its unit (`512KB`, `64MB`, `2GB`; powers of 1024) in bytes. Only 0 needs no unit. */
export function sizeBytes(options: { min?: number; max?: number } = {}): Parser<number> {
  return quantity(SIZE_UNITS, 'a size with unit such as 512KB, 64MB or 2GB', options)
}

/** A bare number is refused: nobody can tell whether 64 means bytes or megabytes. */
function quantity(
  units: Readonly<Record<string, number>>,
  form: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number },
): Parser<number> {
  const least = min > 0 ? `, at least ${inUnits(min, units)}` : ''
  const most = max < Number.MAX_SAFE_INTEGER ? `, at most ${inUnits(max, units)}` : ''
  return {
    expected: form + least + most,
    parse: (value) => {
      const match = /^(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)$/i.exec(value)
      const unit = match?.[2] ?? ''
      const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined
      const amount = Number(match?.[1])
      if (!match || (factor === undefined && !(unit === '' && amount === 0))) return undefined
      const result = Math.round(amount * (factor ?? 0))
      return result >= min && result <= max ? result : undefined
    },
  }
}

/** As somebody would write it: in the largest unit that leaves a whole number. */
function inUnits(amount: number, units: Readonly<Record<string, number>>): string {
  const [unit = '', factor = 1] =
    Object.entries(units)
      .filter(([, size]) => amount % size === 0)
      .sort(([, one], [, other]) => other - one)[0] ?? []
  // Units of sizes end with b and are written in capitals; m for minutes could be taken for months, so it is min.
  return `${amount / factor}${unit === 'm' ? 'min' : unit.endsWith('b') ? unit.toUpperCase() : unit}`
}
