import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Redactor } from '../redaction/redactor.ts'
import { appendFields, baseFieldsOf, encodeFieldsOf, joinFields } from './encoded-fields.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { ValueEncoder } from './value-encoder.ts'

const encoder = () => new ValueEncoder(new Redactor(), DEFAULT_LIMITS)

/** The members of a line by the quick way, and by the way that is easy to understand. */
function both(base: object, fields: object, taken = new Set<string>(), limits = DEFAULT_LIMITS) {
  const shared = new ValueEncoder(new Redactor(), limits)
  const { maxKeys } = limits
  const encodedBase = encodeFieldsOf(base, shared, maxKeys, taken)
  const quick = appendFields(baseFieldsOf(encodedBase, shared), fields, shared, maxKeys, taken)
  const slow = joinFields(
    encodedBase,
    encodeFieldsOf(fields, new ValueEncoder(new Redactor(), limits), maxKeys, taken),
  )
  return { quick, slow: slow.json === '' ? '' : `,${slow.json}` }
}

const key = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'job_id',
    'user_id',
    'level',
    'level_',
    'message',
    'component',
    'component_',
    'service',
  ),
  fc.constantFrom('password', 'email', 'tokens', 'größe', '__proto__', 'x@example.com', 'stack', '1', ''),
  fc.string({ maxLength: 12 }),
)
const value = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    'pixverse',
    'GET',
    '',
    'say "hi"',
    'a@b.example',
    4111111111111111,
    -0,
  ),
  fc.integer(),
  fc.double(),
  fc.string(),
  fc.constant({ password: 'x', nested: [1, 'two'] }),
)
const fields = fc.dictionary(key, value, { maxKeys: 8 })

describe('appendFields', () => {
  it('writes what joining encoded fields writes, whatever the names and values', () => {
    fc.assert(
      fc.property(fields, fields, fc.subarray(['service', 'a']), (base, more, taken) => {
        const { quick, slow } = both(base, more, new Set(taken))
        expect(quick).toBe(slow)
      }),
      { numRuns: 3000 },
    )
  })

  it('lets the fields of the call win over those of the base, and keeps the rest', () => {
    expect(both({ job_id: 1, user_id: 2 }, { a: 3, job_id: 4 }).quick).toBe(',"user_id":2,"a":3,"job_id":4')
    expect(both({ job_id: 1, user_id: 2 }, { job_id: 4, a: 3, level: 5, user_id: 6 }).quick).toBe(
      ',"job_id":4,"a":3,"level_":5,"user_id":6',
    )
  })

  it.each([31, 32, 33, 40])('takes %i fields, the limit of their number in force', (count) => {
    const many = Object.fromEntries(Array.from({ length: count }, (_, index) => [`key_${index}`, index]))
    const { quick, slow } = both({ base: 1 }, many)
    expect(quick).toBe(slow)
    expect(quick).toContain(`"key_${count - 1}":${count - 1}`)
    const limited = both({ base: 1 }, many, new Set(), { ...DEFAULT_LIMITS, maxKeys: 5 })
    expect(limited.quick).toBe(limited.slow)
    expect(limited.quick).toContain(`"…":"[cut, ${count} keys]"`)
  })

  it('reads and encodes each value once, also when the slow way takes over', () => {
    const calls: string[] = []
    const shared = encoder()
    const more = {
      get first() {
        calls.push('first')
        return { toJSON: () => calls.push('toJSON') }
      },
      get level() {
        calls.push('level')
        return 2
      },
      get last(): never {
        calls.push('last')
        throw new Error('no')
      },
    }
    const base = baseFieldsOf(encodeFieldsOf({ x: 0 }, shared, 100, new Set()), shared)
    expect(appendFields(base, more, shared, 100, new Set())).toBe(
      ',"x":0,"first":2,"level_":2,"last":"[unreadable]"',
    )
    expect(calls).toEqual(['first', 'toJSON', 'level', 'last'])
  })

  it('is not confused by what is enumerable on all objects', () => {
    const prototype = Object.prototype as Record<string, unknown>
    prototype['polluted'] = 1
    try {
      expect(both({ x: 0 }, { a: 1 }).quick).toBe(',"x":0,"a":1')
    } finally {
      delete prototype['polluted']
    }
  })

  it('counts what it takes out each time', () => {
    const redactor = new Redactor()
    const shared = new ValueEncoder(redactor, DEFAULT_LIMITS)
    const base = baseFieldsOf(encodeFieldsOf({}, shared, 100, new Set()), shared)
    for (const value of ['abcdefghij', 'abcdefghij', '[redacted]'])
      expect(appendFields(base, { tokens: value }, shared, 100, new Set())).toBe(',"tokens":"[redacted]"')
    expect(redactor.redactedCount).toBe(3)
  })

  it('shows a text again as it did first, and others under the same key as themselves', () => {
    const shared = encoder()
    const base = baseFieldsOf(encodeFieldsOf({}, shared, 100, new Set()), shared)
    const append = (name: string) => appendFields(base, { name }, shared, 100, new Set())
    const texts = ['GET', 'a@b.example', 'GET', 'say "hi"', 'say "hi"', 'a@b.example']
    expect(texts.map(append)).toEqual([
      ',"name":"GET"',
      ',"name":"[redacted:email]"',
      ',"name":"GET"',
      ',"name":"say \\"hi\\""',
      ',"name":"say \\"hi\\""',
      ',"name":"[redacted:email]"',
    ])
    // `"[cut]"` is as long as this text.
    const short = new ValueEncoder(new Redactor(), { ...DEFAULT_LIMITS, maxLineCharacters: 20 })
    const cut = (more: object) => appendFields(base, more, short, 100, new Set())
    expect(cut({ a: 'a long enough text', b: 'hello' })).toBe(',"a":"a long enough text","b":"[cut]"')
    expect(cut({ b: 'hello' })).toBe(',"b":"hello"')
    for (let index = 0; index < 200; index++)
      expect(append(`text ${index % 90}`)).toBe(`,"name":"text ${index % 90}"`)
  })
})
