import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLoggerMatch, parseLevelRules, type LevelRule } from './level-rules.ts'

const RULE = { id: 'r1', field: 'user_id', value: 42, level: 'DEBUG', expires_at: '2026-11-26T12:00:00Z', by: 'admin' } as const // prettier-ignore

const parse = (rules: unknown, more: object = {}) =>
  parseLevelRules(JSON.stringify({ version: 1, rules, ...more }))

describe('parseLevelRules', () => {
  it('takes rules by logger, by field and by both, and words for levels in any case', () => {
    const byLogger = { id: 'r2', logger: 'provider.*', level: 'warn', expires_at: '2026-11-26T12:00:00.5+01:00', by: 'x' } // prettier-ignore
    const both = { ...RULE, id: 'r3', logger: 'x' }
    expect(parse([RULE, byLogger, both])).toEqual({
      rules: [RULE, { ...byLogger, level: 'WARNING' }, both],
    })
    expect(parse([])).toEqual({ rules: [] })
  })

  it.each<[rules: unknown, problem: string]>([
    [{}, 'no array'],
    [Array.from({ length: 101 }, (_, n) => ({ ...RULE, id: String(n) })), '101 rules, expected at most 100'],
    [[RULE, RULE], 'rule 2: the id "r1" is there twice'],
    [[7], 'rule 1: it is no JSON object'],
    [[{ ...RULE, id: '' }], 'id is ""'],
    [[{ ...RULE, id: 'x'.repeat(201) }], 'expected a text of at most 200 characters'],
    [[{ ...RULE, logger: 5 }], 'logger is 5'],
    [[{ ...RULE, field: undefined }], 'neither logger nor field'],
    [[{ ...RULE, value: undefined }], 'one of field and value'],
    [[{ ...RULE, field: undefined, logger: 'x' }], 'one of field and value'],
    [[{ ...RULE, value: null }], 'value is null'],
    [[{ ...RULE, value: {} }], 'value is {}'],
    [[{ ...RULE, level: 'OFF' }], 'level is "OFF"'],
    [[{ ...RULE, expires_at: 'tomorrow' }], 'expires_at is "tomorrow"'],
    [[{ ...RULE, expires_at: '2026-11-26T12:00:00' }], 'expected a time with zone'],
    [[{ ...RULE, expires_at: '2026-13-45T99:00:00Z' }], 'expected a time with zone'],
    [[{ ...RULE, expires_at: undefined }], 'expires_at is missing'],
    [[{ ...RULE, by: undefined }], 'by is missing'],
    [[{ ...RULE, for: 'x' }], 'a member "for"'],
  ])('refuses %j', (rules, problem) => {
    expect(parse(rules)).toEqual({ problem: expect.stringContaining(problem) as string })
  })

  it('refuses another version, other members and what is no JSON', () => {
    expect(parse([], { version: 2 })).toEqual({ problem: 'its version is 2, expected 1' })
    expect(parse([], { more: 1 })).toMatchObject({ problem: expect.stringContaining('"more"') as string })
    expect(parseLevelRules('{"version":1,"rules":[],"__proto__":{}}')).toHaveProperty('problem')
    for (const text of ['', '{', '[]', 'null', '['.repeat(60_000)])
      expect(parseLevelRules(text)).toHaveProperty('problem')
  })

  it('never throws, and tells problems in one short line', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ version: fc.constant(1), rules: fc.array(fc.anything()) }).map((value) => {
        try {
          return JSON.stringify(value)
        } catch {
          return ''
        }
      }),
      fc
        .dictionary(fc.constantFrom(...Object.keys(RULE)), fc.jsonValue())
        .map((change) => JSON.stringify({ version: 1, rules: [{ ...RULE, ...change }] })),
    )
    fc.assert(
      fc.property(text, (input) => {
        const parsed = parseLevelRules(input)
        if ('problem' in parsed) expect(parsed.problem).toMatch(/^[^\n\u0000-\u001f]{1,250}$/)
        else expect(parsed.rules.every((rule: LevelRule) => !Number.isNaN(Date.parse(rule.expires_at)))).toBe(true) // prettier-ignore
      }),
    )
  })
})

describe('isLoggerMatch', () => {
  it.each<[pattern: string, matches: string[], others: string[]]>([
    ['provider', ['provider'], ['provider.x', 'aprovider', '']],
    ['*', ['', 'x', 'a.b'], []],
    ['provider.*', ['provider.', 'provider.pixverse'], ['provider', 'x.provider.y']],
    ['*.http', ['api.http', '.http'], ['http', 'api.https']],
    ['a*a', ['aa', 'aba'], ['a', 'ab']],
    ['a*b*c', ['abc', 'axbxc', 'abbcc'], ['acb', 'ac', 'abcd']],
    ['a**c', ['ac', 'abc'], ['a']],
    ['a.c', ['a.c'], ['abc']],
  ])('%s', (pattern, matches, others) => {
    for (const name of matches) expect([name, isLoggerMatch(pattern, name)]).toEqual([name, true])
    for (const name of others) expect([name, isLoggerMatch(pattern, name)]).toEqual([name, false])
  })

  it('agrees with a regular expression on any pattern', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    fc.assert(
      fc.property(text, text, (pattern, name) => {
        const expression = new RegExp(`^${pattern.split('*').join('.*')}$`)
        expect(isLoggerMatch(pattern, name)).toBe(expression.test(name))
      }),
    )
  })
})
