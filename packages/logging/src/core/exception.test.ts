import { describe, expect, it } from 'vitest'
import { Redactor } from '../redaction/redactor.ts'
import { describeErrors } from './exception.ts'

const text = (...errors: object[]) => describeErrors(errors, new Redactor())
/** Without the frames of the stacks. */
const outline = (...errors: object[]) => text(...errors).split('\n').filter((line) => !/^\s+at /.test(line)) // prettier-ignore

describe('describeErrors', () => {
  it('gives name, message and stack', () => {
    const lines = text(new TypeError('bad value')).split('\n')
    expect(lines[0]).toBe('TypeError: bad value')
    expect(lines[1]).toMatch(/^ {4}at .*exception\.test\.ts:\d+:\d+/)
  })

  it('follows causes, and tells own properties of each', () => {
    const inner = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', errno: -104 })
    const outer = Object.assign(new Error('API timeout', { cause: inner }), { provider_job_id: 'p-1' })
    expect(outline(outer)).toEqual([
      'Error: API timeout',
      '  provider_job_id: "p-1"',
      'Caused by: Error: socket hang up',
      '  code: "ECONNRESET"',
      '  errno: -104',
    ])
  })

  it('calls errors by their class and by a name given later', () => {
    class ProviderError extends Error {}
    const renamed = new Error('old')
    renamed.name = 'QuotaError'
    renamed.message = 'new'
    expect(outline(new ProviderError('x'))).toEqual(['ProviderError: x'])
    expect(outline(renamed)).toEqual(['QuotaError: new'])
    expect(outline(new Error(''))).toEqual(['Error'])
    expect(outline(new Error('two\nlines'))).toEqual(['Error: two', 'lines'])
  })

  it('goes through the errors of an AggregateError', () => {
    const error = new AggregateError([new Error('first'), new TypeError('second'), 'no error'], 'all failed')
    expect(outline(error)).toEqual([
      'AggregateError: all failed',
      'Error 1 of 3: Error: first',
      'Error 2 of 3: TypeError: second',
    ])
  })

  it('tells a cause that is no error', () => {
    expect(outline(new Error('x', { cause: { code: 500 } }))).toEqual(['Error: x', 'Caused by: {"code":500}'])
    expect(outline(new Error('x', { cause: 'text' }))).toEqual(['Error: x', 'Caused by: "text"'])
  })

  it('ends with causes that go round, and with very many', () => {
    const a = new Error('a')
    const b = new Error('b', { cause: a })
    a.cause = b
    expect(outline(a)).toEqual(['Error: a', 'Caused by: Error: b', 'Caused by: [circular] Error: a'])
    let chain = new Error('0')
    for (let index = 1; index < 10_000; index++) chain = new Error(String(index), { cause: chain })
    expect(outline(chain).length).toBeLessThan(15)
    expect(outline(chain).at(-1)).toMatch(/^Caused by: \[cut\] Error: \d+$/)
  })

  it('keeps several errors of a line apart and none twice', () => {
    const first = new Error('first')
    expect(outline(first, new Error('second'), first)).toEqual(['Error: first', 'Error: second'])
  })

  it('never throws: frozen errors, throwing getters, odd stacks, proxies', () => {
    const frozen = Object.freeze(new Error('frozen'))
    const trap = new Error('trap')
    for (const key of ['stack', 'name', 'message', 'cause', 'errors', 'code']) {
      Object.defineProperty(trap, key, {
        enumerable: true,
        get() {
          throw new Error('no')
        },
      })
    }
    const odd = Object.assign(new Error('odd'), { stack: { not: 'a text' }, name: 5 })
    const proxy = new Proxy(new Error('proxy'), {
      ownKeys() {
        throw new Error('no')
      },
    })
    expect(outline(frozen)).toEqual(['Error: frozen'])
    expect(outline(trap)[0]).toBe('Error')
    expect(outline(odd)).toEqual(['Error: odd'])
    expect(outline(proxy)[0]).toBe('Error: proxy')
  })

  it('is bounded and redacted', () => {
    const error = Object.assign(new Error(`password=hunter2 ${'x'.repeat(10_000_000)}`), {
      config: { headers: { Authorization: 'Bearer hunter2-token' }, url: 'https://a:hunter2@example.com' },
    })
    const result = text(error)
    expect(result.length).toBeLessThan(70_000)
    expect(result).not.toContain('hunter2')
    const small = text(
      Object.assign(new Error('x'), { config: { password: 'hunter2' }, body: Buffer.alloc(9) }),
    )
    expect(small).toContain('config: {"password":"[redacted]"}')
    expect(small).toContain('body: "[Buffer, 9 bytes]"')
  })
})
