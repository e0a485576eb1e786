import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addTerm,
  fieldTerm,
  markPattern,
  messageTerm,
  negated,
  partsOfWords,
  presenceTerm,
  splitQuery,
} from './query-text.ts'

describe('a condition on a field', () => {
  it.each([
    ['status_code', '500', 'status_code:500'],
    ['path', '/api/v1/jobs', 'path:"/api/v1/jobs"'],
    ['error', 'say "hi" \\ “x”', String.raw`error:"say \"hi\" \\ \“x\”"`],
    ['two words', 'a', '"two words":a'],
    ['http.method', 'POST', 'http.method:POST'],
    ['state', 'OR', 'state:"OR"'],
    ['offset', '-5', 'offset:"-5"'],
    ['pattern', 'a*b', 'pattern:"a*b"'],
  ])('of %s with the value %s is %s', (name, value, term) => {
    expect(fieldTerm(name, value)).toBe(term)
  })

  it('is not offered for what a query cannot say, or nobody would want in a URL', () => {
    expect(fieldTerm('payload', 'x'.repeat(1001))).toBeUndefined()
    expect(fieldTerm('x'.repeat(129), '1')).toBeUndefined()
    expect(fieldTerm('empty', '')).toBeUndefined()
    expect(fieldTerm('', '1')).toBeUndefined()
    expect(presenceTerm(' ')).toBeUndefined()
  })

  it('can ask for presence, for a message, and for the opposite', () => {
    expect(presenceTerm('error_type')).toBe('error_type:*')
    expect(messageTerm('Job #123 failed')).toBe('message:"Job #123 failed"')
    expect(messageTerm('word '.repeat(400)).length).toBeLessThan(1020)
    expect(negated('a:1')).toBe('-a:1')
    expect(negated('-a:1')).toBe('a:1')
  })
})

describe('adding a condition', () => {
  it.each([
    ['', 'a:1', 'a:1'],
    ['timeout', 'a:1', 'timeout a:1'],
    ['timeout a:1', 'a:1', 'timeout a:1'],
    ['timeout -a:1', 'a:1', 'timeout a:1'],
    ['a:1', '-a:1', '-a:1'],
    ['x OR y', 'a:1', '(x OR y) a:1'],
    ['"x OR y"', 'a:1', '"x OR y" a:1'],
    ['(x OR y) z', 'a:1', '(x OR y) z a:1'],
  ])('to "%s": %s gives "%s"', (q, term, result) => {
    expect(addTerm(q, term)).toBe(result)
  })
})

it('cuts a query at white space outside of quotes and parentheses', () => {
  expect(splitQuery('  a "b c"  path:"/x y" (d OR "e )") -f:(g h) \\" i')).toEqual([
    ...['a', '"b c"', 'path:"/x y"', '(d OR "e )")', '-f:(g h)', '\\"', 'i'],
  ])
})

describe('words as parts of words', () => {
  it.each([
    ['timeou', '*timeou*'],
    ['pix time', '*pix* *time*'],
    ['level:error timeou', 'level:error *timeou*'],
    ['timeou OR refus', '*timeou* OR *refus*'],
    ['timeou -retry', '*timeou* -retry'],
    ['timeou NOT retry', '*timeou* NOT retry'],
    ['#123', '*#123*'],
  ])('%s becomes %s', (q, wide) => {
    expect(partsOfWords(q)).toBe(wide)
  })

  it.each(['', '*time*', 'auth*', '"a phrase"', 'level:error', '-retry', '/time.*/', '(a b)'])(
    'are not made of %s',
    (q) => {
      expect(partsOfWords(q)).toBeUndefined()
    },
  )
})

describe('what is marked', () => {
  const marked = (q: string, text: string, search = '') => {
    const pattern = markPattern(q, search)
    return pattern === null ? [] : [...text.matchAll(pattern)].map(([found]) => found)
  }
  it.each([
    ['job', 'Job 1, jobs, JOB', ['Job', 'JOB']],
    ['*job*', 'Job 1, jobs', ['Job', 'job']],
    ['"job failed" retry', 'The job failed: no retry', ['job failed', 'retry']],
    ['(a OR b) -c', 'a b c', ['a', 'b']],
    ['status_code:500 level:error', 'status_code 500 error', []],
    ['message:"x y" user_id:1', 'x y 1', ['x y']],
    ['NOT job', 'job', []],
    ['über', 'über überall', ['über']],
    ['#123', 'job #123, #1234', ['#123']],
  ])('for %s in "%s" is %j', (q, text, found) => {
    expect(marked(q, text)).toEqual(found)
  })

  it('is a literal text as it stands, whatever it means elsewhere', () => {
    expect(marked('', 'a.b (c) A.B (C) [a-z]', 'a.b (c)')).toEqual(['a.b (c)', 'A.B (C)'])
    expect(marked('', '[a-z]', '[a-z]')).toEqual(['[a-z]'])
  })

  it('never fails, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.string({ maxLength: 5 }), (q, search) => {
        expect(() => markPattern(q, search)).not.toThrow()
        expect(() => partsOfWords(q)).not.toThrow()
        expect(splitQuery(q).join('').length).toBeLessThanOrEqual(q.length)
      }),
      { numRuns: 500 },
    )
  })
})
