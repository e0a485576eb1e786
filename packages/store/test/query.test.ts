import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import type { LogEntry } from '@pixsim7/record'
import { printQuery, queryMatcher, readQuery, type LogStore, type QueryTree } from '@pixsim7/store'
import { tempDir } from '@pixsim7/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { BASE_US, jsonLine, numbers, seqs } from './support/lines.ts'
import { arbitraryTree } from './support/random-query.ts'
import { seededRandom } from './support/random.ts'
import { allEntries, openTestStore, waitUntilStored } from './support/test-store.ts'

const MESSAGES = [
  'Processing job #123',
  'Job completed in 45 s',
  'Connection TIMEOUT after 30s (ETIMEDOUT)',
  'connect_timeout: giving up',
  'Für Größe ΣΑΣ und İstanbul',
  'GET /api/v1/jobs?limit=10 → 200',
  '日本語のメッセージ 🎉',
  'tab\there, nul\0there',
  "it's 100% \\ _done_",
  'first line\nsecond line',
  '',
  'a--b  c',
]
const LOGGERS = ['job_processor', 'auth-service', 'auth-token', 'db.pool', 'AUTH', "x'y"]
const EXCEPTIONS = [
  'Error: timeout\n    at poll (worker.ts:10:5)',
  'TypeError: x is not a function',
  '日本語',
]
const VALUES: readonly unknown[] = [
  'pixverse',
  'Pixverse',
  'auth-1',
  '',
  ' ',
  '600',
  '0x10',
  '5.',
  'true',
  'a"b\\c',
  "'; DROP TABLE logs; --",
  'x/y',
  '\ud800',
  '🎉',
  0,
  -1,
  5,
  499,
  500,
  599,
  600,
  1500.5,
  0.1,
  1e21,
  1e20,
  2 ** 63,
  1e-7,
  -0.5,
  1.5e300,
  true,
  false,
  null,
  [],
  ['a', 'pixverse', 5, null, true],
  [500, 600],
  [['x']],
  [{ a: 'x/y' }],
  {},
  { method: 'GET', code: 500 },
  { a: { b: 'deep' } },
]
const KEYS = [
  'status_code',
  'duration_ms',
  'provider',
  'tags',
  'http',
  'http.method',
  'größe',
  'x"y',
  'a.b.c',
  'user',
  '__proto__',
]

/** What means something to SQL, LIKE, RE2, JSON or the language itself. */
const HOSTILE = [
  "'; DROP TABLE pixlogs.logs; --",
  "' OR 1=1 --",
  "\\' OR 1=1 --",
  "x' UNION ALL SELECT * FROM system.tables --",
  '%',
  '\\',
  '\\%_',
  '{a:String}',
  '${jndi:ldap://x}',
  'nul\0here',
  '\ud800',
  '🎉',
  '*/ /* --',
  '$1 \\1 \\Q \\E (?s)',
  '\\x{0}',
  ']]) OR ((',
  '"}, {"seq":1',
  '\u202e\u2028',
]

const VOCABULARY = {
  texts: [
    ...MESSAGES,
    ...LOGGERS,
    ...EXCEPTIONS,
    'timeout',
    'time',
    'job',
    '#123',
    'v1',
    'GET',
    'jobs?limit',
    'größe',
    'ΣΑΣ',
    'σας',
    'İstanbul',
    '%',
    '_',
    '\\',
    '123',
    '12',
    ...VALUES.filter((value) => typeof value === 'string'),
    '0',
    '5',
    '500',
    '1500.5',
    '1e21',
    '1e-7',
    'true',
    'null',
    '45',
    'req-7',
    'worker',
    'worker.log',
  ].filter((text) => text !== ''),
  fields: [
    ...KEYS,
    'http.code',
    'a',
    'message',
    'exception',
    'logger',
    'component',
    'file',
    'module',
    'function',
    'line',
    'service',
    'host',
    'user_id',
    'job_id',
    'request_id',
    'seq',
    'missing',
  ],
  regexes: [
    '^Processing',
    '#\\d+$',
    'time(out)?',
    '(a+)+$',
    '\\bjob\\b',
    '[^\\x00-\\x7f]',
    '\\p{Lu}{2}',
    '^second line$',
    'a.b',
    'x{0,3}y',
    '^$',
    '\\s',
    'ΣΑΣ',
    'GRÖSSE|größe',
    '\\.ts:\\d+',
    '\\W\\w',
    '^[+-]?\\d+$',
    '.',
    '\\x{1f389}',
    'ſ',
    '\\Bo',
    '/',
    '"',
    '[\\d.]+',
    's',
  ],
}

/** Random queries; QUERY_RUNS sets another number. */
const RUNS = Number(process.env['QUERY_RUNS'] ?? 150)

let store: LogStore
let entries: LogEntry[]

beforeAll(async () => {
  const dir = await tempDir('file')
  await mkdir(path.join(dir, 'logs'))
  const random = seededRandom(7)
  const some = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const line = (seq: number) =>
    jsonLine({
      timeUs: BASE_US + seq * 1_000_000,
      level: some(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']),
      logger: some(LOGGERS),
      message: some(MESSAGES),
      ...(random() < 0.2 ? { exception: some(EXCEPTIONS) } : {}),
      fields: {
        seq,
        ...(random() < 0.7 ? { job_id: some([0, 1, 123, 1234, '123', 'job-7', '', null, true, 1.5]) } : {}),
        ...(random() < 0.7 ? { user_id: some([0, 1, 12, '0', 'bob']) } : {}),
        ...(random() < 0.3 ? { request_id: some(['req-7', 'req-70', 7]) } : {}),
        ...(random() < 0.2 ? { service: some(['api', '', 7]), host: some(['h1', null]) } : {}),
        ...Object.fromEntries(KEYS.filter(() => random() < 0.35).map((key) => [key, some(VALUES)])),
      },
    })
  const files = ['worker.log', 'backend.log', "o'x.log"].map((name) => path.join(dir, 'logs', name))
  for (const [index, file] of files.entries()) {
    await writeFile(
      file,
      numbers(index * 120, 120)
        .map(line)
        .join(''),
    )
  }
  ;({ store } = await openTestStore(dir, {}, 'file'))
  await waitUntilStored(store, files)
  entries = await allEntries(store)
})

/** The entries that a query finds in the store, as `seq`. */
const found = async (q: string): Promise<unknown[]> => seqs(await allEntries(store, { q }))

describe('the SQL of a query', () => {
  it('finds what the query means, for random queries', async () => {
    expect(entries).toHaveLength(360)
    let someFound = 0
    await fc.assert(
      fc.asyncProperty(arbitraryTree(VOCABULARY), async (tree) => {
        const q = printQuery(tree)
        fc.pre(q.length < 8000)
        const answer = new Set(await found(q))
        const expected = new Set(seqs(entries.filter(queryMatcher(tree))))
        const surplus = entries.filter(
          ({ fields }) => answer.has(fields['seq']) && !expected.has(fields['seq']),
        )
        const lacking = entries.filter(
          ({ fields }) => !answer.has(fields['seq']) && expected.has(fields['seq']),
        )
        expect({ q, surplus: surplus[0], lacking: lacking[0] }).toEqual({ q })
        if (answer.size > 0 && answer.size < entries.length) someFound += 1
      }),
      { numRuns: RUNS },
    )
    // Queries that all find nothing, or everything, would prove nothing.
    expect(someFound).toBeGreaterThan(RUNS / 20)
  })

  it.each([
    // Twice the same sign, which is in many texts once.
    '\\-*-',
    'message:_*_',
    // Texts that end within words, and words that end with the text.
    '*out*',
    '*out',
    'time*',
    '"timeout:"',
    // Lists, texts of lists, numbers in texts.
    'tags:pixverse',
    'tags:\\[*pixverse*',
    'status_code:>=600',
    '-duration_ms:[0 TO 1000]',
  ])('finds what it means: %s', async (q) => {
    const { tree } = readQuery(q)
    const expected = seqs(entries.filter(queryMatcher(tree as QueryTree)))
    expect(await found(q)).toEqual(expected)
    expect(expected.length).toBeGreaterThan(0)
    expect(expected.length).toBeLessThan(entries.length)
  })

  it('takes hostile text in any place for what it is', async () => {
    for (const text of HOSTILE) {
      const quoted = `"${text.replace(/["“”\\]/g, '\\$&')}"`
      for (const q of [
        text,
        quoted,
        `-${text}`,
        `x:${text}`,
        `job_id:${quoted}`,
        `level:${text}`,
        `timestamp:>=${quoted}`,
        `${quoted}:1`,
        `a.${text}:*`,
        `logger:*${text}*`,
        `message:(${text} OR ${quoted})`,
        `/${text}/`,
        `x:/[${text}]/i`,
        `x:[${text} TO ${text}]`,
        `line:>${text}`,
      ]) {
        const { tree } = readQuery(q)
        const expected = tree === null ? [] : seqs(entries.filter(queryMatcher(tree)))
        expect({ q, found: tree === null ? [] : await found(q) }).toEqual({ q, found: expected })
      }
    }
    expect(await found('*')).toHaveLength(entries.length)
  })

  it('is bounded, and so are the answers to what is just within the bounds', async () => {
    const largest = [
      `"${'日'.repeat(8000)}"`,
      `"${"' -- ".repeat(1600)}"`,
      `/(${'a|'.repeat(200)}b)+qq/`,
      `/([^a]{240})/`,
      'q*z '.repeat(200),
      Array.from({ length: 200 }, (_, index) => `f${index}.a.b:x*`).join(' OR '),
      `${'x*'.repeat(20)} ${'*y'.repeat(20)}`,
    ]
    for (const q of largest) {
      expect(readQuery(q).problem).toBeNull()
      await expect(store.search({ q }, { limit: 1, order: 'desc' })).resolves.toMatchObject({ total: 0 })
    }
    for (const q of ['a '.repeat(1000), 'x'.repeat(2 ** 20), '('.repeat(8000), '-'.repeat(8000)]) {
      await expect(store.search({ q }, { limit: 1, order: 'desc' })).rejects.toMatchObject({
        code: 'STORE_BAD_QUESTION',
        message: expect.stringMatching(/^The query /),
      })
    }
  })

  it('is searched as text when it does not parse', async () => {
    expect(readQuery('at poll (WORKER.ts').problem).not.toBeNull()
    expect(await found('at poll (WORKER.ts')).toEqual(
      seqs(entries.filter(({ exception }) => exception?.includes('at poll (worker.ts') === true)),
    )
    expect(await found('at poll (WORKER.js')).toEqual([])
  })
})
