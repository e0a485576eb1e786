import { parseJsonLine } from '@pixsim7/record'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Redactor } from '../redaction/redactor.ts'
import { encodeFieldsOf, joinFields } from './encoded-fields.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { ValueEncoder } from './value-encoder.ts'

const NONE: ReadonlySet<string> = new Set()

function encode(fields: object, limits: Partial<Limits> = {}, isRedacted = false) {
  const all = { ...DEFAULT_LIMITS, ...limits }
  return encodeFieldsOf(
    fields,
    new ValueEncoder(new Redactor({ isEnabled: isRedacted }), all),
    all.maxKeys,
    NONE,
  )
}

/** The fields as a reader of the line gets them. */
function read(fields: object, limits?: Partial<Limits>): Record<string, unknown> {
  return JSON.parse(`{${encode(fields, limits).json}}`) as Record<string, unknown>
}

describe('values that JSON knows', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 5 }), { maxKeys: 8 }),
        (fields) => {
          const reserved = [
            'timestamp',
            'level',
            'logger',
            'message',
            'module',
            'function',
            'line',
            'exception',
          ]
          if (
            Object.keys(fields).some(
              (key) => reserved.includes(key) || ['component', 'sole_copy', 'recorded'].includes(key),
            )
          )
            return
          expect(read(fields)).toEqual(JSON.parse(JSON.stringify(fields)))
        },
      ),
    )
  })

  it('come back from a whole line with any text in any script, on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { json } = encode({ value: text })
        expect(json).not.toMatch(/[\n\r\u0085\u2028\u2029]/)
        const line = `{"timestamp":"2025-11-11T22:30:45.123456Z","level":"INFO","logger":"x","message":"m",${json}}`
        expect(parseJsonLine(line)?.fields['value']).toBe(text)
      }),
    )
  })
})

describe('values that JSON does not know', () => {
  class Point {
    x = 1
    #hidden = 2
    sum() {
      return this.x + this.#hidden
    }
  }
  const circular: Record<string, unknown> = { name: 'a' }
  circular['self'] = circular
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const shared = { a: 1 }

  it.each<[string, unknown, unknown]>([
    ['NaN', Number.NaN, 'NaN'],
    ['infinity', -Infinity, '-Infinity'],
    ['minus zero', -0, 0],
    ['a small BigInt', 123n, 123],
    ['a large BigInt', 123456789012345678901234567890n, '123456789012345678901234567890'],
    ['a symbol', Symbol('mark'), 'Symbol(mark)'],
    ['a function', function work() {}, '[function work]'],
    ['a nameless function', (() => () => {})(), '[function anonymous]'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid date', new Date(Number.NaN), '[invalid date]'],
    ['a Map with text keys', new Map([['a', 1]]), { a: 1 }],
    ['a Map with other keys', new Map([[{ k: 1 }, 2]]), [[{ k: 1 }, 2]]],
    ['a Set', new Set([1, 'b']), [1, 'b']],
    ['a Buffer', Buffer.from('secret bytes'), '[Buffer, 12 bytes]'],
    ['a typed array', new Float64Array(4), '[Float64Array, 32 bytes]'],
    ['an ArrayBuffer', new ArrayBuffer(8), '[ArrayBuffer, 8 bytes]'],
    ['a regular expression', /a+/g, '/a+/g'],
    ['a promise', Promise.resolve(1), '[Promise]'],
    ['a WeakMap', new WeakMap(), '[WeakMap]'],
    ['a boxed number', Object(5), '5'],
    ['an object of a class', new Point(), { x: 1 }],
    ['an object without prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    ['a cycle', circular, { name: 'a', self: '[circular]' }],
    ['the same object twice, which is no cycle', [shared, shared], [{ a: 1 }, { a: 1 }]],
    ['holes and undefined in arrays', [undefined, , 1], [null, null, 1]],
    ['undefined in objects', { a: undefined, b: 1 }, { b: 1 }],
    ['an error', new RangeError('too far'), 'RangeError: too far'],
    ['an object with toJSON', { toJSON: () => ({ x: 1n }) }, { x: 1 }],
    ['an object whose toJSON returns itself', { a: 1, toJSON() { return this } }, { a: 1, toJSON: '[function toJSON]' }], // prettier-ignore
    ['a URL', new URL('https://example.com/x'), 'https://example.com/x'],
  ])('%s', (_name, value, expected) => {
    expect(read({ value })['value']).toEqual(expected)
  })

  it.each<[string, unknown, string]>([
    ['a revoked proxy', revoked.proxy, '[unreadable: '],
    ['a toJSON that throws', { toJSON: () => { throw new Error('no') } }, '[unreadable: Error: no]'], // prettier-ignore
    ['a toJSON that throws no error', { toJSON: () => { throw null } }, '[unreadable: it threw something else]'], // prettier-ignore
    ['a proxy that throws', new Proxy({}, { ownKeys: () => { throw new Error('no') } }), '[unreadable: Error: no]'], // prettier-ignore
  ])('%s is marked and costs its neighbours nothing', (_name, value, mark) => {
    const result = read({ before: 1, value, after: 2 })
    expect(result).toMatchObject({ before: 1, after: 2 })
    expect(result['value']).toContain(mark)
  })

  it('a throwing getter is marked, at the top and further down', () => {
    const trap = {
      get broken(): never {
        throw new Error('no')
      },
      fine: 1,
    }
    expect(read(trap)).toEqual({ broken: '[unreadable]', fine: 1 })
    expect(read({ inner: trap })).toEqual({ inner: { broken: '[unreadable: Error: no]', fine: 1 } })
  })

  it('never throws and always gives one line of JSON, whatever is nested in whatever', () => {
    const leaf = fc.oneof(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withNullPrototype: true,
        withSparseArray: true,
        withBoxedValues: true,
      }),
      // fast-check cannot carry a revoked proxy itself.
      fc.constant('revoked'),
      fc.constant(circular),
      fc.constant(Symbol.iterator),
      fc.func(fc.nat()),
    )
    const keys = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('__proto__', 'constructor', 'level', 'toString', 'hasOwnProperty', ''),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, leaf)), (entries) => {
        const fields = Object.fromEntries(
          entries.map(([key, value]): [string, unknown] => [
            key,
            value === 'revoked' ? [revoked.proxy] : value,
          ]),
        )
        const { json, names } = encode(fields, { maxTextCharacters: 100 }, true)
        expect(json).not.toContain('\n')
        const back = JSON.parse(`{${json}}`) as object
        expect(Object.keys(back).sort()).toEqual([...new Set(names)].sort())
      }),
      { numRuns: 500 },
    )
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('bounds', () => {
  it('cuts texts and says how long they were', () => {
    const value = read({ value: 'x'.repeat(10_000_000) })['value'] as string
    expect(value).toHaveLength(DEFAULT_LIMITS.maxTextCharacters + '…[cut, 10000000 characters]'.length)
    expect(value.endsWith('…[cut, 10000000 characters]')).toBe(true)
  })

  it('does not cut a character in two', () => {
    const value = read({ value: '😀'.repeat(100) }, { maxTextCharacters: 33 })['value'] as string
    expect(value).toBe(`${'😀'.repeat(16)}…[cut, 200 characters]`)
  })

  it('lets a text of 200 kB through whole', () => {
    const text = 'y'.repeat(200_000)
    expect(read({ value: text })['value']).toBe(text)
  })

  it('still finds a secret at the cut', () => {
    const text = `${'x'.repeat(95)} password=hunter2`
    expect(encode({ value: text }, { maxTextCharacters: 110 }, true).json).not.toContain('hunter')
  })

  it('cuts objects, arrays, maps and sets by their number of items', () => {
    const limits = { maxKeys: 3, maxItems: 2 }
    const object = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index]))
    expect(read({ object }, limits)['object']).toEqual({ k0: 0, k1: 1, k2: 2, '…': '[cut, 100000 keys]' })
    expect(read({ list: Array(1000).fill(7) }, limits)['list']).toEqual([7, 7, '[cut, 1000 items]'])
    expect(read({ set: new Set([1, 2, 3]) }, limits)['set']).toEqual([1, 2, '[cut, 3 items]'])
    expect(read({ map: new Map([['a', 1], ['b', 2], ['c', 3]]) }, limits)['map']).toEqual({ a: 1, b: 2, '…': '[cut, 3 keys]' }) // prettier-ignore
    expect(read(object, limits)).toEqual({ k0: 0, k1: 1, k2: 2, '…': '[cut, 100000 keys]' })
  })

  it('cuts nesting, however deep', () => {
    let deep: unknown = 'bottom'
    for (let level = 0; level < 10_000; level++) deep = { deep }
    expect(JSON.stringify(read({ deep }))).toContain('[too deep: Object]')
    let list: unknown[] = []
    for (let level = 0; level < 10_000; level++) list = [list]
    expect(JSON.stringify(read({ list }))).toContain('[too deep: Array]')
  })

  it('ends soon with arrays of arrays of numbers', () => {
    const row = Array(1000).fill(1)
    const plane = Array(1000).fill(row)
    const cube = Array(1000).fill(plane)
    const { json } = encode({ cube })
    expect(json.length).toBeLessThan(3 * DEFAULT_LIMITS.maxLineCharacters)
  })

  it('holds for the whole line', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`k${index}`, 'z'.repeat(100_000)]),
    )
    const { json } = encode(fields)
    expect(json.length).toBeLessThan(1.5 * DEFAULT_LIMITS.maxLineCharacters)
    expect(json).toContain('"[cut]"')
  })
})

describe('names of fields', () => {
  it('cannot take a reserved name, nor one that becomes free by this', () => {
    expect(read({ level: 1, level_: 2, message: 'm', component: 'c', exception: 'e', user_id: 1 })).toEqual({
      level__: 1,
      level_: 2,
      message_: 'm',
      component_: 'c',
      exception_: 'e',
      user_id: 1,
    })
  })

  it('are never written twice: the later fields win', () => {
    const base = encode({ user_id: 1, job_id: 2, level: 'a' })
    const over = encode({ job_id: 3, level: 'b' })
    const joined = joinFields(base, over)
    expect(joined.json).toBe('"user_id":1,"job_id":3,"level_":"b"')
    expect(joined.names).toEqual(['user_id', 'job_id', 'level_'])
    expect(joinFields(encode({}), over)).toBe(over)
    expect(joinFields(base, encode({}))).toBe(base)
    expect(joinFields(encode({ a: 1 }), encode({ a: 2 })).json).toBe('"a":2')
  })

  it('may be anything else', () => {
    const fields = JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"":2,"a\\nb":3}') as object
    expect(encode(fields).json).toBe('"__proto__":{"polluted":true},"constructor":1,"":2,"a\\nb":3')
  })
})
