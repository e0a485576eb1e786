import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { formatTimestamp, type Level } from '@pixsim7/record'
import type { LogFilter, LogStore } from '@pixsim7/store'
import { tempDir } from '@pixsim7/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { BASE_US, jsonLine } from './support/lines.ts'
import { seededRandom, testSeed } from './support/random.ts'
import { openTestStore, waitUntilStored } from './support/test-store.ts'

const SECOND_US = 1_000_000
const MINUTE_US = 60 * SECOND_US
const DAY_US = 24 * 60 * MINUTE_US
const LEVELS: readonly Level[] = ['DEBUG', 'INFO', 'INFO', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']

/** What a statistic is made of, kept beside the store to count by hand. */
interface Made {
  readonly timeUs: number
  readonly component: string
  readonly level: Level
  readonly logger: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly bytes: number
}

const random = seededRandom(testSeed())
const below = (limit: number) => Math.floor(random() * limit)
const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T

/** Values that are nearly, but not, what the statistics take. */
const ODD = [null, 'text', '12', true, -5, [7], { ms: 7 }, 1e300, 0.25, '']

function randomFields(): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  const maybe = (name: string, likely: number, make: () => unknown) => {
    if (random() < likely) fields[name] = random() < 0.1 ? pick(ODD) : make()
  }
  maybe('method', 0.7, () => pick(['GET', 'POST']))
  maybe('path', 0.7, () => '/api/v1/jobs')
  maybe('status_code', 0.7, () => pick([200, 201, 302, 400, 404, 429, 500, 503, 99, 600, 200.5]))
  maybe('duration_ms', 0.6, () => below(4000) / 4)
  maybe('duration_sec', 0.2, () => below(100) / 8)
  return fields
}

const made: Made[] = []
let store: LogStore

beforeAll(async () => {
  const dir = await tempDir('file')
  await mkdir(path.join(dir, 'logs'))
  const contents = new Map<string, string>()
  for (let index = 0; index < 6000; index += 1) {
    const component = pick(['backend', 'worker'])
    const record = {
      timeUs: BASE_US + below(3 * DAY_US),
      level: pick(LEVELS),
      logger: `logger_${index % 3}`,
      message: pick(['Request done', 'Job completed', "It's 100% \\ done", 'x'.repeat(400)]),
      fields: randomFields(),
    }
    const line = jsonLine(record)
    made.push({ ...record, component, bytes: Buffer.byteLength(line) })
    contents.set(component, (contents.get(component) ?? '') + line)
  }
  const files = await Promise.all(
    [...contents].map(async ([component, text]) => {
      const file = path.join(dir, 'logs', `${component}.log`)
      await writeFile(file, text)
      return file
    }),
  )
  ;({ store } = await openTestStore(dir, {}, 'file'))
  await waitUntilStored(store, files)
})

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
const durationOf = ({ fields }: Made): number | undefined =>
  isNumber(fields['duration_ms'])
    ? fields['duration_ms']
    : isNumber(fields['duration_sec']) && Number.isFinite(fields['duration_sec'] * 1000)
      ? fields['duration_sec'] * 1000
      : undefined
const statusOf = ({ fields }: Made): number => {
  const value = fields['status_code']
  return Number.isInteger(value) && Number(value) >= 100 && Number(value) < 600 ? Number(value) : 0
}
const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isRequest = (one: Made) =>
  statusOf(one) > 0 && isText(one.fields['method']) && isText(one.fields['path'])
const isError = ({ level }: Made) => level === 'ERROR' || level === 'CRITICAL'

/** Linear between the two nearest values, as the engine does below 8,192 of them. */
function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const low = sorted[Math.floor(at)] ?? 0
  return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at))
}

describe('requests per minute', () => {
  it.each<[string, LogFilter, (one: Made) => boolean]>([
    ['an hour', { fromUs: BASE_US, toUs: BASE_US + 60 * MINUTE_US }, () => true],
    [
      'half a minute more than whole ones',
      { fromUs: BASE_US + 30 * SECOND_US, toUs: BASE_US + 10 * MINUTE_US + 1 },
      () => true,
    ],
    ['a component over three days', { components: ['worker'] }, ({ component }) => component === 'worker'],
    ['errors from the second day on', { levels: ['ERROR', 'CRITICAL'], fromUs: BASE_US + DAY_US }, isError],
  ])('of %s are those counted by hand', async (_, filter, matches) => {
    const { intervalSeconds, points } = await store.requestRate(filter)
    const matching = made.filter(
      (one) => matches(one) && one.timeUs >= (filter.fromUs ?? 0) && one.timeUs < (filter.toUs ?? Infinity),
    )
    const intervalUs = intervalSeconds * SECOND_US
    expect(intervalSeconds % 60).toBe(0)
    expect(points.length).toBeLessThanOrEqual(1500)
    const startUs = Date.parse(points[0]?.start ?? '') * 1000
    expect(startUs % intervalUs).toBe(0)
    expect(points).toEqual(
      points.map((_point, index) => {
        const fromUs = startUs + index * intervalUs
        const inside = matching.filter(({ timeUs }) => timeUs >= fromUs && timeUs < fromUs + intervalUs)
        const requests = inside.filter(isRequest)
        const durations = requests.flatMap((one) => durationOf(one) ?? [])
        const close = (value: number | null) =>
          value === null ? null : (expect.closeTo(value, 6) as unknown as number)
        return {
          start: formatTimestamp(fromUs),
          requests: requests.length,
          clientErrors: requests.filter((one) => statusOf(one) >= 400 && statusOf(one) < 500).length,
          serverErrors: requests.filter((one) => statusOf(one) >= 500).length,
          records: inside.length,
          p50Ms: close(quantile(durations, 0.5)),
          p95Ms: close(quantile(durations, 0.95)),
        }
      }),
    )
    expect(points.reduce((sum, { records }) => sum + records, 0)).toBe(matching.length)
  })

  it('have the least interval of whole minutes that needs at most 1,500 points', async () => {
    const interval = async (minutes: number) =>
      (await store.requestRate({ fromUs: BASE_US, toUs: BASE_US + minutes * MINUTE_US })).intervalSeconds
    expect(await interval(1400)).toBe(60)
    expect(await interval(1502)).toBe(120)
    expect(await interval(30 * 1440)).toBe(29 * 60)
  })

  it('have no points where nothing matches', async () => {
    expect(await store.requestRate({ logger: 'nobody' })).toEqual({ intervalSeconds: 60, points: [] })
  })
})

describe('slow operations', () => {
  it.each([0, 250, 999.75, 5000, 1e299])('over %d ms are those counted by hand', async (overMs) => {
    const matching = made.filter((one) => (durationOf(one) ?? -1) >= overMs)
    const { total, operations, entries } = await store.slow({}, overMs, 25)
    expect(total).toBe(matching.length)
    const longestFirst = matching.map((one) => durationOf(one) ?? 0).sort((a, b) => b - a)
    expect(entries.map(({ fields }) => durationOf({ fields } as unknown as Made))).toEqual(
      longestFirst.slice(0, 25),
    )
    const sums = new Map<string, number>()
    for (const { component, logger, message, count, p50Ms, p95Ms, maxMs } of operations) {
      const durations = matching
        .filter(
          (one) =>
            one.component === component && one.logger === logger && one.message.slice(0, 300) === message,
        )
        .map((one) => durationOf(one) ?? 0)
      expect(count).toBe(durations.length)
      expect(maxMs).toBe(Math.max(...durations))
      expect(p50Ms / (quantile(durations, 0.5) ?? 0) || 1).toBeCloseTo(1, 9)
      expect(p95Ms / (quantile(durations, 0.95) ?? 0) || 1).toBeCloseTo(1, 9)
      sums.set(
        `${component} ${logger} ${message}`,
        durations.reduce((sum, value) => sum + value, 0),
      )
    }
    expect(operations.reduce((sum, { count }) => sum + count, 0)).toBe(total)
    // The engine adds in an order of its own, so that equal sums may differ in their last digit.
    const inOrder = [...sums.values()]
    const outOfOrder = inOrder.filter((sum, at) => sum > (inOrder[at - 1] ?? Infinity) * (1 + 1e-12))
    expect(outOfOrder).toEqual([])
  })

  it('keep to the filter', async () => {
    const filter: LogFilter = { components: ['worker'], levels: ['ERROR'], toUs: BASE_US + DAY_US }
    const matching = made.filter(
      (one) =>
        one.component === 'worker' &&
        one.level === 'ERROR' &&
        one.timeUs < BASE_US + DAY_US &&
        durationOf(one) !== undefined,
    )
    expect((await store.slow(filter, 0, 1)).total).toBe(matching.length)
  })

  it.each([
    [-1, 10],
    [Number.NaN, 10],
    [Infinity, 10],
    [0, 0],
    [0, 1001],
    [0, 1.5],
  ])('refuse a threshold of %d with a limit of %d', async (overMs, limit) => {
    await expect(store.slow({}, overMs, limit)).rejects.toMatchObject({ code: 'STORE_BAD_QUESTION' })
  })
})

describe('storage', () => {
  it('tells lines and bytes of each day and component, newest first', async () => {
    const use = await store.storage()
    expect(use).toMatchObject({
      rows: made.length,
      lineBytes: made.reduce((sum, { bytes }) => sum + bytes, 0),
      expiredRows: 0,
    })
    expect(use.storeBytes).toBeGreaterThan(0)
    expect(use.diskFreeBytes).toBeGreaterThan(0)
    const days = [...new Set(made.map(({ timeUs }) => formatTimestamp(timeUs).slice(0, 10)))].sort().reverse()
    const sum = (some: readonly Made[]) => some.reduce((bytes, one) => bytes + one.bytes, 0)
    expect(use.days).toEqual(
      days.flatMap((day) =>
        ['backend', 'worker'].flatMap((component) => {
          const own = made.filter(
            (one) => one.component === component && formatTimestamp(one.timeUs).startsWith(day),
          )
          const errors = own.filter(isError)
          return own.length === 0
            ? []
            : [
                {
                  day,
                  component,
                  rows: own.length,
                  lineBytes: sum(own),
                  errorRows: errors.length,
                  errorLineBytes: sum(errors),
                },
              ]
        }),
      ),
    )
  })
})
