import { describe, expect, it } from 'vitest'
import { parseQuery } from './parser.ts'
import { QueryParseError } from './query-problem.ts'
import type { QueryTest, QueryTree } from './tree.ts'

const match = (field: string | null, test: QueryTest): QueryTree => ({ kind: 'match', field, test })
const word = (text: string, field: string | null = null) => match(field, { kind: 'is', text })
const like = (parts: readonly string[], field: string | null = null) => match(field, { kind: 'like', parts })
const regex = (source: string, field: string | null = null, ignoresCase = false) =>
  match(field, { kind: 'regex', source, ignoresCase })
const not = (part: QueryTree): QueryTree => ({ kind: 'not', part })
const and = (...parts: QueryTree[]): QueryTree => ({ kind: 'and', parts })
const or = (...parts: QueryTree[]): QueryTree => ({ kind: 'or', parts })

describe('parseQuery', () => {
  it.each<[string, QueryTree]>([
    ['', { kind: 'all' }],
    [' \n\t ', { kind: 'all' }],
    ['*', { kind: 'all' }],
    ['**', { kind: 'all' }],
    ['timeout', word('timeout')],
    ['a b', and(word('a'), word('b'))],
    ['a AND b', and(word('a'), word('b'))],
    ['a OR b c OR d', or(word('a'), and(word('b'), word('c')), word('d'))],
    ['(a OR b) c', and(or(word('a'), word('b')), word('c'))],
    ['((a))', word('a')],
    ['a(b)', and(word('a'), word('b'))],
    ['-a', not(word('a'))],
    ['NOT a', not(word('a'))],
    ['NOT -a', not(not(word('a')))],
    ['-(a b)', not(and(word('a'), word('b')))],
    ['-"a b"', not(word('a b'))],
    ['NOT(a)', not(word('a'))],
    ['and or not And', and(word('and'), word('or'), word('not'), word('And'))],
    ['ANDROID ORDER NOTE', and(word('ANDROID'), word('ORDER'), word('NOTE'))],
    ['"AND"', word('AND')],
    ['a - b', and(word('a'), word('-'), word('b'))],
    ['a-b', word('a-b')],
    ['"a \\"b\\" \\\\ \\n"', word('a "b" \\ \\n')],
    ['“a b„', word('a b')],
    ['key="two words"', and(word('key='), word('two words'))],
    ['auth-*', like(['auth-', ''])],
    ['*imeou*', like(['', 'imeou', ''])],
    ['a**b', like(['a', 'b'])],
    ['a\\*b', word('a*b')],
    ['a\\ b\\:c', word('a b:c')],
    ['C:\\temp', word('\\temp', 'C')],
    ['\\(a\\)', word('(a)')],
  ])('%j: words', (text, tree) => {
    expect(parseQuery(text)).toEqual(tree)
  })

  it.each<[string, QueryTree]>([
    ['job_id:123', word('123', 'job_id')],
    ['-job_id:123', not(word('123', 'job_id'))],
    ['x:-5', word('-5', 'x')],
    ['x:"a b"', word('a b', 'x')],
    ['x:""', word('', 'x')],
    ['x:a:b', word('a:b', 'x')],
    ['t:22:30', word('22:30', 't')],
    ['http.method:POST', word('POST', 'http.method')],
    ['x-request-id:7', word('7', 'x-request-id')],
    ['größe:L', word('L', 'größe')],
    ['"my field":x', word('x', 'my field')],
    ['"a:b":"c"', word('c', 'a:b')],
    ['x:*', match('x', { kind: 'present' })],
    ['-x:*', not(match('x', { kind: 'present' }))],
    ['x:a*', like(['a', ''], 'x')],
    ['x:(a OR b)', or(word('a', 'x'), word('b', 'x'))],
    ['x:(a -b)', and(word('a', 'x'), not(word('b', 'x')))],
    [
      'x:(>1 <=2)',
      and(
        match('x', { kind: 'compare', sign: '>', value: 1 }),
        match('x', { kind: 'compare', sign: '<=', value: 2 }),
      ),
    ],
    ['x:((a) OR "b:c")', or(word('a', 'x'), word('b:c', 'x'))],
    ['(x:a)', word('a', 'x')],
    ['x: y', and(word('x:'), word('y'))],
    ['x:', word('x:')],
    ['http://a/b', word('http://a/b')],
    ['Foo::bar', word('Foo::bar')],
    ['22:30:45', word('22:30:45')],
    ['::1', word('::1')],
    ['a=b', word('a=b')],
    ['<div>', word('<div>')],
  ])('%j: fields', (text, tree) => {
    expect(parseQuery(text)).toEqual(tree)
  })

  it.each<[string, string, QueryTest]>([
    ['x:>5', 'x', { kind: 'compare', sign: '>', value: 5 }],
    ['x>5', 'x', { kind: 'compare', sign: '>', value: 5 }],
    ['x<=-0.5e1', 'x', { kind: 'compare', sign: '<=', value: -5 }],
    ['x:>"5"', 'x', { kind: 'compare', sign: '>', value: 5 }],
    ['level:error', 'level', { kind: 'is', text: 'ERROR' }],
    ['level:Fatal', 'level', { kind: 'is', text: 'CRITICAL' }],
    ['level>=warn', 'level', { kind: 'compare', sign: '>=', value: 'WARNING' }],
    ['level:[info TO error]', 'level', { kind: 'range', from: 'INFO', to: 'ERROR' }],
    ['level:err*', 'level', { kind: 'like', parts: ['err', ''] }],
    ['duration_ms:>1.5s', 'duration_ms', { kind: 'compare', sign: '>', value: 1500 }],
    ['duration_ms:1.5s', 'duration_ms', { kind: 'is', text: '1500' }],
    ['duration_ms:"1.5s"', 'duration_ms', { kind: 'is', text: '1.5s' }],
    ['a.waitSec:<250ms', 'a.waitSec', { kind: 'compare', sign: '<', value: 0.25 }],
    ['t_us:>1ms', 't_us', { kind: 'compare', sign: '>', value: 1000 }],
    ['size_bytes:[1KB TO 2MiB]', 'size_bytes', { kind: 'range', from: 1024, to: 2097152 }],
    ['x:[500 TO 599]', 'x', { kind: 'range', from: 500, to: 599 }],
    ['x:[ -1  TO  * ]', 'x', { kind: 'range', from: -1, to: null }],
    ['x:[* TO .5]', 'x', { kind: 'range', from: null, to: 0.5 }],
    [
      'timestamp:>=2025-11-11',
      'timestamp',
      { kind: 'compare', sign: '>=', value: '2025-11-11T00:00:00.000000Z' },
    ],
    ['timestamp:2025-11-11T22:30:45+01:00', 'timestamp', { kind: 'is', text: '2025-11-11T21:30:45.000000Z' }],
  ])('%j: values', (text, field, test) => {
    expect(parseQuery(text)).toEqual(match(field, test))
  })

  it.each<[string, QueryTree]>([
    ['/a b/', regex('a b')],
    ['/a b/i', regex('a b', null, true)],
    ['x:/^a\\/b$/', regex('^a/b$', 'x')],
    ['-/a/ b', and(not(regex('a')), word('b'))],
    ['(/a/)', regex('a')],
    ['/a\\\\/', regex('a\\\\')],
    ['/api/v1/jobs', word('/api/v1/jobs')],
    ['/api/v1/', word('/api/v1/')],
    ['path:/api/v1', word('/api/v1', 'path')],
    ['//', word('//')],
    ['/', word('/')],
    ['a/b/', word('a/b/')],
  ])('%j: expressions and paths', (text, tree) => {
    expect(parseQuery(text)).toEqual(tree)
  })

  it.each<[string, number, string]>([
    ['(a', 0, 'not closed'],
    ['a)', 1, 'closes nothing'],
    ['()', 1, 'missing before this parenthesis'],
    ['a OR', 4, 'missing at the end'],
    ['OR a', 0, 'beside OR'],
    ['a OR OR b', 5, 'beside OR'],
    ['a AND', 2, 'missing after this'],
    ['NOT', 0, 'missing after this'],
    ['x:(a', 2, 'not closed'],
    ['x:()', 3, 'missing before'],
    ['x "a', 2, 'not closed'],
    ['""', 0, 'nothing between'],
    ['message:""', 8, 'nothing between'],
    ['"":x', 0, 'has 0 characters'],
    ['level:loud', 6, '"loud" is no level'],
    ['level>=*', 7, '"*" is no level'],
    ['x>y', 2, '"y" is no number'],
    ['x:>1s', 3, 'has a unit, but'],
    ['wait_ms:>1MB', 9, 'does not fit'],
    ['x:>', 3, 'nothing to compare'],
    ['x:> 5', 3, 'nothing to compare'],
    ['x:>1e999', 3, 'is no number'],
    ['x:[1 2]', 2, 'A range is written'],
    ['x:[* TO *]', 2, 'open at both ends'],
    ['x:[a TO 2]', 3, '"a" is no number'],
    ['timestamp:yesterday', 10, 'is no time'],
    ['timestamp:2025*', 10, 'not compared with a pattern'],
    ['timestamp:/2025/', 10, 'not compared with an expression'],
    ['a /b(/', 4, 'not closed'],
    ['a '.repeat(3) + 'x*'.repeat(21), 6, 'has 21 wildcards'],
    [`${'x'.repeat(129)}:1`, 0, 'has 129 characters'],
    [`/${'x'.repeat(501)}/`, 1, 'has 501 characters'],
  ])('%j has a problem at %d: %s', (text, offset, message) => {
    const read = () => parseQuery(text)
    expect(read).toThrow(QueryParseError)
    expect(read).toThrow(
      expect.objectContaining({ offset, isTooLarge: false, message: expect.stringContaining(message) }),
    )
  })

  it.each<[string, string]>([
    ['a '.repeat(201), 'more than 200 terms'],
    ['('.repeat(51) + 'a' + ')'.repeat(51), 'more than 50 deep'],
    ['-'.repeat(51) + 'a', 'more than 50 deep'],
    ['NOT '.repeat(2000), 'more than 50 deep'],
    ['x'.repeat(8193), 'has 8193 characters'],
    ['x'.repeat(2 ** 20), 'has 1048576 characters'],
  ])('refuses %.20s… because it is too large: %s', (text, message) => {
    expect(() => parseQuery(text)).toThrow(
      expect.objectContaining({ isTooLarge: true, message: expect.stringContaining(message) }),
    )
  })

  it('takes what is just within the limits', () => {
    for (const text of ['a '.repeat(200), '('.repeat(50) + 'a' + ')'.repeat(50), 'x'.repeat(8192)]) {
      expect(() => parseQuery(text)).not.toThrow()
    }
  })
})
