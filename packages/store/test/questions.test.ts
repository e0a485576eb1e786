import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { formatTimestamp, type LogEntry } from '@pixsim7/record'
import type { LogStore, PageRequest } from '@pixsim7/store'
import { tempDir } from '@pixsim7/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { BASE_US, jsonLine, numbers, seqs } from './support/lines.ts'
import { allEntries, openTestStore, waitUntilStored } from './support/test-store.ts'

const SECOND_US = 1_000_000
const HOUR_US = 3600 * SECOND_US

/** Strings that mean something to SQL, LIKE, JSON or a shell, each of which must be found as itself and match nothing else. */
const HOSTILE = [
  "'; DROP TABLE pixlogs.logs; --",
  "' OR 1=1 --",
  "\\' OR 1=1 --",
  "x' UNION ALL SELECT * FROM system.tables --",
  '%',
  '_____',
  '\\',
  '\\%',
  '{a:String}',
  '${jndi:ldap://x}',
  'tab\there',
  'nul\0here',
  '日本語 🎉',
  '"quoted"',
  '*/ /* --',
]

let store: LogStore
let dir: string

beforeAll(async () => {
  dir = await tempDir('file')
  await mkdir(path.join(dir, 'logs'))
  const same = numbers(0, 10_000).map((seq) =>
    jsonLine({ timeUs: BASE_US + 10 * HOUR_US, logger: 'same', message: `same ${seq}`, fields: { seq } }),
  )
  const jobs = numbers(0, 600).map((seq) =>
    jsonLine({
      timeUs: BASE_US + seq * SECOND_US,
      level: seq % 10 === 0 ? 'ERROR' : seq % 3 === 0 ? 'WARNING' : 'INFO',
      logger: seq % 2 === 0 ? 'job_processor' : 'job_poller',
      message: `Processing Job #${seq} für Größe`,
      ...(seq % 10 === 0 ? { exception: `Error: TIMEOUT ${seq}\n    at poll` } : {}),
      fields: { seq, user_id: seq % 5, job_id: seq, request_id: `req-${seq}` },
    }),
  )
  const hostile = HOSTILE.map((text, seq) =>
    jsonLine({
      timeUs: BASE_US - HOUR_US + seq,
      logger: text,
      message: `before ${text} after`,
      fields: { seq, user_id: text, job_id: text, request_id: text, hostile: true },
    }),
  )
  const shapes = [
    { provider: 'pixverse', http: { code: 200 }, tags: ['a', 5] },
    { provider: 'pixverse', 'http.code': 200, tags: ['a', null, { x: 'a/b' }] },
    { provider: '[x', http: { code: 500 }, tags: [] },
    { provider: null, http: 'none', tags: null },
  ].map((fields, seq) =>
    jsonLine({ timeUs: BASE_US + seq, message: seq === 3 ? 'x'.repeat(5000) : 'shape', fields }),
  )
  const hostileFiles = HOSTILE.filter((text) => !/[/\0]/.test(text))
  const logs = path.join(dir, 'logs')
  const files = [
    'worker.log',
    'same.log',
    'hostile.log',
    'shapes.log',
    ...hostileFiles.map((text) => `${text}.log`),
  ].map((name) => path.join(logs, name))
  const contents = [jobs.join(''), same.join(''), hostile.join(''), shapes.join('')]
  for (const [index, file] of files.entries()) {
    await writeFile(
      file,
      contents[index] ?? jsonLine({ timeUs: BASE_US - 2 * HOUR_US, message: 'one of a kind' }),
    )
  }
  ;({ store } = await openTestStore(dir, {}, 'file'))
  await waitUntilStored(store, files)
})

async function page(filter: Parameters<LogStore['search']>[0], request: Partial<PageRequest> = {}) {
  return store.search(filter, { limit: 100, order: 'desc', ...request })
}

describe('search', () => {
  it('gives the newest first, with the exact number of all', async () => {
    const { entries, total, totalIsExact, prevCursor } = await page({ components: ['worker'] }, { limit: 3 })
    expect(seqs(entries)).toEqual([599, 598, 597])
    expect({ total, totalIsExact, prevCursor }).toEqual({ total: 600, totalIsExact: true, prevCursor: null })
  })

  it('gives an entry with everything the line had', async () => {
    const { entries } = await page({ job_id: '10', components: ['worker'] })
    expect(entries).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-z.]+$/),
        timestamp: formatTimestamp(BASE_US + 10 * SECOND_US),
        level: 'ERROR',
        component: 'worker',
        service: null,
        host: null,
        logger: 'job_processor',
        message: 'Processing Job #10 für Größe',
        module: 'job_processor',
        function: 'process_job',
        line: 45,
        user_id: 0,
        job_id: 10,
        request_id: 'req-10',
        exception: 'Error: TIMEOUT 10\n    at poll',
        fields: { seq: 10 },
        file: 'worker.log',
        offset: expect.any(Number),
      },
    ])
  })

  it.each([
    ['a level', { levels: ['ERROR'] as const }, 60],
    ['several levels', { levels: ['ERROR', 'WARNING'] as const }, 240],
    ['a logger', { logger: 'job_poller' }, 300],
    ['a logger by pattern', { logger: 'job_*' }, 600],
    ['a pattern in the middle', { logger: '*_poll*' }, 300],
    ['a logger that is only the beginning', { logger: 'job' }, 0],
    ['a user, also number 0', { user_id: '0' }, 120],
    ['a job', { job_id: '599' }, 1],
    ['a request', { request_id: 'req-7' }, 1],
    ['part of a message, whatever its case', { search: 'JOB #59' }, 11],
    ['part of a word', { search: 'rocessin' }, 600],
    ['letters with accents in other case', { search: 'FÜR GRÖSSE' }, 0],
    ['letters with umlauts in other case', { search: 'FÜR GRÖ' }, 600],
    ['part of an exception', { search: 'timeout 30' }, 2],
    [
      'a time range, from inclusive, to exclusive',
      { fromUs: BASE_US + 10 * SECOND_US, toUs: BASE_US + 20 * SECOND_US },
      10,
    ],
    [
      'all together',
      { levels: ['ERROR'] as const, logger: 'job_processor', user_id: '0', search: 'job #1' },
      11,
    ],
    [
      'nothing, by empty conditions',
      { levels: [], components: ['worker'], logger: '', search: '', user_id: '' },
      600,
    ],
  ])('filters by %s', async (_, filter, total) => {
    expect((await page({ components: ['worker'], ...filter })).total).toBe(total)
  })

  it('pages forth and back through 10,000 entries of one moment, each once and in the order of the file', async () => {
    const forth: LogEntry[] = []
    const pages: string[][] = []
    let cursor: string | undefined
    do {
      const answer = await page(
        { logger: 'same' },
        { limit: 777, order: 'asc', ...(cursor ? { cursor } : {}) },
      )
      forth.push(...answer.entries)
      pages.push(answer.entries.map(({ id }) => id))
      cursor = answer.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seqs(forth)).toEqual(numbers(0, 10_000))

    const last = await page({ logger: 'same' }, { limit: 10_000 % 777, order: 'desc' })
    expect(seqs(last.entries)[0]).toBe(9999)
    // Back from the last page: the same pages in reverse.
    const lastPage = pages.length - 1
    let back = await lastPageOf('asc', 777)
    for (let index = lastPage; index >= 0; index -= 1) {
      expect(back.entries.map(({ id }) => id)).toEqual(pages[index])
      expect(back.prevCursor === null).toBe(index === 0)
      if (back.prevCursor !== null) {
        back = await page({ logger: 'same' }, { limit: 777, order: 'asc', cursor: back.prevCursor })
      }
    }
  })

  async function lastPageOf(order: 'asc' | 'desc', limit: number) {
    let answer = await page({ logger: 'same' }, { limit, order })
    while (answer.nextCursor !== null)
      answer = await page({ logger: 'same' }, { limit, order, cursor: answer.nextCursor })
    return answer
  }

  it('refuses limits and cursors that are none', async () => {
    for (const limit of [0, -1, 1.5, 1001, Number.NaN]) {
      await expect(page({}, { limit })).rejects.toMatchObject({ code: 'STORE_BAD_QUESTION' })
    }
    await expect(page({}, { cursor: "dn.1.2.3' OR 1" })).rejects.toMatchObject({ code: 'STORE_BAD_CURSOR' })
    const { nextCursor } = await page({}, { limit: 1 })
    await expect(page({}, { cursor: nextCursor ?? '', order: 'asc' })).rejects.toMatchObject({
      code: 'STORE_BAD_CURSOR',
    })
  })
})

describe('hostile text in a filter', () => {
  it.each(HOSTILE)('%j is only itself', async (text) => {
    const seq = HOSTILE.indexOf(text)
    const marked = (entries: readonly LogEntry[]) =>
      seqs(entries.filter((entry) => entry.fields['hostile'] === true))
    for (const filter of [{ logger: text }, { user_id: text }, { job_id: text }, { request_id: text }]) {
      // As a logger, `*` is a wildcard.
      if ('logger' in filter && text.includes('*')) continue
      expect(seqs(await allEntries(store, filter))).toEqual([seq])
    }
    const found = marked(await allEntries(store, { search: `before ${text} after` }))
    expect(found).toEqual([seq])
    const byComponent = await allEntries(store, { components: [text] })
    expect(byComponent.map(({ message }) => message)).toEqual(/[/\0]/.test(text) ? [] : ['one of a kind'])
    expect(await store.facets({}, [text])).toEqual({ [text]: [] })
    await expect(page({}, { cursor: text })).rejects.toMatchObject({ code: 'STORE_BAD_CURSOR' })
    expect(await store.entry(text)).toBeUndefined()
    expect(await store.context(text, 1, 1)).toBeUndefined()
    expect((await page({})).total).toBeGreaterThan(10_000)
  })

  it('is refused when it is no level, or too long', async () => {
    await expect(page({ levels: ["ERROR' OR '1" as 'ERROR'] })).rejects.toMatchObject({
      code: 'STORE_BAD_QUESTION',
    })
    await expect(page({ search: 'x'.repeat(10_000) })).rejects.toMatchObject({ code: 'STORE_BAD_QUESTION' })
  })
})

describe('histogram', () => {
  it('covers the range asked for without gaps, empty intervals included', async () => {
    const fromUs = BASE_US - 35 * SECOND_US
    const answer = await store.histogram(
      { components: ['worker'], fromUs, toUs: fromUs + 120 * SECOND_US },
      12,
    )
    expect(answer.intervalSeconds).toBe(10)
    expect(answer.buckets.map(({ start }) => start)).toEqual(
      numbers(0, 12).map((index) => formatTimestamp(fromUs + index * 10 * SECOND_US)),
    )
    const totals = answer.buckets.map(({ counts }) =>
      Object.values(counts).reduce((sum, count) => sum + count, 0),
    )
    expect(totals).toEqual([0, 0, 0, 5, 10, 10, 10, 10, 10, 10, 10, 10])
  })

  it('takes its range from the entries when none is given', async () => {
    const answer = await store.histogram({ components: ['worker'] }, 10)
    const all = { INFO: 0, WARNING: 0, ERROR: 0 } as Record<string, number>
    for (const { counts } of answer.buckets) {
      for (const [level, count] of Object.entries(counts)) all[level] = (all[level] ?? 0) + count
    }
    expect(all).toEqual({ INFO: 360, WARNING: 180, ERROR: 60 })
    expect(answer.buckets.length).toBeLessThanOrEqual(10)
  })

  it('has no buckets when there is nothing', async () => {
    expect((await store.histogram({ job_id: 'none' }, 10)).buckets).toEqual([])
  })
})

describe('facets', () => {
  it('counts the values of each field over the whole result', async () => {
    const answer = await store.facets({ components: ['worker'] }, ['level', 'user_id', 'component'])
    expect(answer).toEqual({
      level: [
        { value: 'INFO', count: 360 },
        { value: 'WARNING', count: 180 },
        { value: 'ERROR', count: 60 },
      ],
      user_id: numbers(0, 5).map((user) => ({ value: String(user), count: 120 })),
      component: [{ value: 'worker', count: 600 }],
    })
  })

  it('counts the values of fields without a column, nested ones and items of lists too', async () => {
    const answer = await store.facets({ components: ['shapes'] }, ['provider', 'http.code', 'tags', 'none'])
    expect(answer).toEqual({
      provider: [
        { value: 'pixverse', count: 2 },
        { value: '[x', count: 1 },
      ],
      'http.code': [
        { value: '200', count: 2 },
        { value: '500', count: 1 },
      ],
      tags: [
        { value: 'a', count: 2 },
        { value: '', count: 1 },
        { value: '5', count: 1 },
        { value: '[]', count: 1 },
        { value: '{"x":"a/b"}', count: 1 },
      ],
      none: [],
    })
  })

  it('counts times, lines and texts, which are cut when they are long', async () => {
    const filter = { components: ['shapes'] }
    const answer = await store.facets(filter, ['timestamp', 'line', 'message', '__proto__'])
    expect(answer['timestamp']).toHaveLength(4)
    expect(answer['timestamp']).toContainEqual({ value: formatTimestamp(BASE_US), count: 1 })
    expect(answer['line']).toEqual([{ value: '45', count: 4 }])
    expect(answer['message']).toContainEqual({ value: 'x'.repeat(1000), count: 1 })
    expect(Object.keys(answer)).toContain('__proto__')
  })

  it('refuses names that are none, and too many', async () => {
    for (const fields of [[''], ['x'.repeat(129)], numbers(0, 21).map((index) => `f${index}`)]) {
      await expect(store.facets({}, fields)).rejects.toMatchObject({ code: 'STORE_BAD_QUESTION' })
    }
  })
})

describe('entry and context', () => {
  it('finds an entry by its id, and the lines around it in its file', async () => {
    const [found] = (await page({ job_id: '300', components: ['worker'] })).entries
    const id = found?.id ?? ''
    expect(await store.entry(id)).toEqual(found)
    expect(seqs((await store.context(id, 3, 2)) ?? [])).toEqual([297, 298, 299, 300, 301, 302])
    expect(seqs((await store.context(id, 0, 0)) ?? [])).toEqual([300])
    await expect(store.context(id, -1, 0)).rejects.toMatchObject({ code: 'STORE_BAD_QUESTION' })
  })

  it('stops at the ends of the file', async () => {
    const [first] = (await page({ job_id: '0', components: ['worker'] })).entries
    expect(seqs((await store.context(first?.id ?? '', 5, 1)) ?? [])).toEqual([0, 1])
  })
})

describe('a question that is withdrawn', () => {
  it('rejects at once', async () => {
    const controller = new AbortController()
    const asked = store.search({}, { limit: 10, order: 'asc' }, { signal: controller.signal })
    controller.abort()
    await expect(asked).rejects.toMatchObject({ code: 'STORE_ABORTED' })
    await expect(store.facets({}, ['level'], { signal: controller.signal })).rejects.toMatchObject({
      code: 'STORE_ABORTED',
    })
  })
})
