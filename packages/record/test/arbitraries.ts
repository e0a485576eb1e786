import fc from 'fast-check'
import { LEVELS, RESERVED_KEYS, type LogRecord } from '@pixsim7/record'

/** What could be taken for a part of a line, in pieces that a property test puts together. */
const DELICATE = [
  ' | ', ' |', '| ', '|', 'a=b', 'key=', '="x"', '=', '"', '""', '\\', '\\\\', '\\n', '\\u000a', 'u005c', 'u00', '5c', 'n', ' - ', '- ', ' -',
  'INFO', ' - INFO - ', 'ERROR', '2025-11-11 22:30:45', '\n', '\r', '\r\n', '\t', ' ', '    ', '\0', '\u001b[31m', '\u0085', '\u009b',
  '\u2028', '\u2029', '\u202e', '\ud83d', '\ude00', '😀', '\ufeff', '{', '}', '[1]', '{"a":1}', 'true', 'null', '12', '-1.5e3', '__proto__',
  'C:\\new\\temp', 'é', '日本', '%s ${jndi:x}', ',', ':',
] // prettier-ignore

const delicateText = fc.array(fc.constantFrom(...DELICATE), { maxLength: 12 }).map((parts) => parts.join(''))
const anyUtf16 = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
  .map((codes) => String.fromCharCode(...codes))

/** Any text, with half surrogate pairs and control characters, often with what a line uses itself. */
export const text = fc.oneof(delicateText, anyUtf16, fc.string({ unit: 'grapheme' }), fc.string())

const jsonValue: fc.Arbitrary<unknown> = fc
  .oneof(
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.jsonValue({ maxDepth: 3 }),
    fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
    fc.array(text, { maxLength: 3 }),
  )
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
  .filter(isWithinSafeIntegers)

/** 2^53 and above come back as text, which has a test of its own. */
function isWithinSafeIntegers(value: unknown): boolean {
  if (typeof value === 'number') return !/^-?\d+$/.test(String(value)) || Number.isSafeInteger(value)
  return typeof value !== 'object' || value === null || Object.values(value).every(isWithinSafeIntegers)
}

const reserved: readonly string[] = RESERVED_KEYS
const key = fc
  .oneof(fc.constantFrom('user_id', 'job_id', 'duration_ms', '__proto__', 'constructor', '7', ''), text)
  .filter((name) => !reserved.includes(name))

/** Fields of a record. fromEntries defines `__proto__` as a key like any other. */
export const fields = fc
  .array(fc.tuple(key, jsonValue), { maxLength: 6 })
  .map((entries) => Object.fromEntries(entries))

/** A record but for its time; half of them have an exception. */
export const untimedRecord: fc.Arbitrary<Omit<LogRecord, 'timestamp'>> = fc
  .record({
    level: fc.constantFrom(...LEVELS),
    logger: text,
    message: text,
    module: fc.option(text),
    function: fc.option(text),
    line: fc.option(fc.nat()),
    fields,
    exception: fc.option(text),
  })
  .map(({ exception, ...rest }) => (exception === null || exception === '' ? rest : { ...rest, exception }))
