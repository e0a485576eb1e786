import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Level } from '@pixsim7/record'
import type { RetentionDays, StoreEvent } from '@pixsim7/store'
import { tempDir, waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { jsonLine } from './support/lines.ts'
import { allEntries, openTestStore, rawSql, waitUntilStored, type TestStore } from './support/test-store.ts'

const DAY_MS = 86_400_000
const WEEK: RetentionDays = { days: 7, errorDays: 90 }

/** Noon of a day, so that a test that runs over midnight changes nothing. */
const NOON_MS = Date.parse('2026-03-15T12:00:00Z')
const clockAt = (ms: number) => {
  const offsetMs = ms - Date.now()
  return () => Date.now() + offsetMs
}

async function folder(): Promise<{ dir: string; file: string }> {
  const dir = await tempDir()
  await mkdir(path.join(dir, 'logs'))
  return { dir, file: path.join(dir, 'logs', 'worker.log') }
}

/** One line that is `days` days old at noon. */
const lineOfAge = (days: number, level: Level = 'INFO') =>
  jsonLine({ timeUs: (NOON_MS - days * DAY_MS) * 1000, level, message: `${level} of ${days} days` })

const messages = async ({ store }: TestStore) =>
  (await allEntries(store)).map(({ message }) => message).sort()
const expiries = (events: readonly StoreEvent[]) => events.filter(({ event }) => event === 'rowsExpired')

const AGES = [0, 1, 6, 7, 8, 30, 89, 90, 91, 399, 401, 5000]

describe('retention', () => {
  it('drops what is older than its class is kept, once the policy is in force, and counts and tells it', async () => {
    const { dir, file } = await folder()
    await writeFile(file, AGES.flatMap((age) => [lineOfAge(age), lineOfAge(age, 'CRITICAL')]).join(''))
    const before = await openTestStore(dir, { now: clockAt(NOON_MS) })
    await waitUntilStored(before.store, [file])
    expect(await messages(before)).toHaveLength(2 * AGES.length)
    expect((await before.store.storage()).expiredRows).toBe(0)
    await before.store.close()

    const kept = [
      ...AGES.filter((age) => age <= 7).map((age) => `INFO of ${age} days`),
      ...AGES.filter((age) => age <= 90).map((age) => `CRITICAL of ${age} days`),
    ].sort()
    const expiredRows = 2 * AGES.length - kept.length
    const after = await openTestStore(dir, { now: clockAt(NOON_MS), retention: WEEK })
    expect(await messages(after)).toEqual(kept)
    expect(expiries(after.events)).toEqual([
      {
        event: 'rowsExpired',
        rows: expiredRows,
        errorRows: AGES.filter((age) => age > 90).length,
        firstDay: '2012-07-31',
        lastDay: '2026-03-07',
      },
    ])
    // It goes on where it stood: nothing is read again, what comes is.
    await appendFile(file, lineOfAge(0, 'WARNING'))
    await waitUntilStored(after.store, [file])
    expect(await messages(after)).toEqual([...kept, 'WARNING of 0 days'].sort())
    expect(after.store.health().rows).toBe(kept.length + 1)
    expect(await after.store.storage()).toMatchObject({ rows: kept.length + 1, expiredRows })
    await after.store.close()

    // The count is of the store, not of a process; and there is nothing left to drop.
    const again = await openTestStore(dir, { now: clockAt(NOON_MS), retention: WEEK })
    expect(await again.store.storage()).toMatchObject({ rows: kept.length + 1, expiredRows })
    expect(expiries(again.events)).toEqual([])
  })

  it('keeps a log of years ago for as long as a new one, from the day it was read, and never takes it in again', async () => {
    const { dir, file } = await folder()
    const old = lineOfAge(4000) + lineOfAge(3999) + lineOfAge(20)
    await writeFile(file, old + lineOfAge(0))
    const open = async (days: number) => {
      const opened = await openTestStore(dir, { now: clockAt(NOON_MS + days * DAY_MS), retention: WEEK })
      return opened
    }
    const first = await open(0)
    await waitUntilStored(first.store, [file])
    expect(await messages(first)).toHaveLength(4)
    await first.store.close()

    const lastDay = await open(7)
    expect(await messages(lastDay)).toHaveLength(4)
    await lastDay.store.close()

    const over = await open(8)
    expect(await messages(over)).toEqual([])
    // The same content under the names that rotation gives it, seen with and without the store running.
    await rename(file, `${file}.1`)
    await writeFile(file, lineOfAge(-8))
    await waitUntilStored(over.store, [file])
    expect(await messages(over)).toEqual(['INFO of -8 days'])
    await over.store.close()
    await writeFile(`${file}.1.gz`, gzipSync(await readFile(`${file}.1`)))
    await rm(`${file}.1`)
    const last = await open(8)
    await appendFile(file, lineOfAge(-7))
    await waitUntilStored(last.store, [file, `${file}.1.gz`])
    expect(await messages(last)).toEqual(['INFO of -7 days', 'INFO of -8 days'])
    expect((await last.store.storage()).expiredRows).toBe(4)
  })

  it('drops a day at midnight, while the store is open', async () => {
    const { dir, file } = await folder()
    await writeFile(file, lineOfAge(6) + lineOfAge(7) + lineOfAge(7, 'ERROR'))
    const midnightMs = Date.parse('2026-03-16T00:00:00Z')
    const opened = await openTestStore(dir, { now: clockAt(midnightMs - 8000), retention: WEEK })
    await waitUntilStored(opened.store, [file])
    expect(expiries(opened.events)).toEqual([])
    await waitFor(() => expiries(opened.events).length > 0)
    expect(await messages(opened)).toEqual(['ERROR of 7 days', 'INFO of 6 days'])
    expect(opened.store.health().rows).toBe(2)
  })

  it('makes few partitions, whatever times the lines have', async () => {
    const { dir, file } = await folder()
    const lines = Array.from({ length: 3000 }, (_, index) => lineOfAge((index - 300) * 13.7))
    await writeFile(file, lines.join(''))
    const opened = await openTestStore(dir, { now: clockAt(NOON_MS), retention: WEEK })
    await waitUntilStored(opened.store, [file])
    expect((await opened.store.search({}, { limit: 1, order: 'asc' })).total).toBe(lines.length)
    await opened.store.close()
    const partitions = await rawSql<{ id: string }>(
      dir,
      "SELECT DISTINCT partition_id AS id FROM system.parts WHERE database = 'pixlogs' AND table = 'logs' AND active ORDER BY id",
    )
    expect(partitions.map(({ id }) => id)).toEqual(['20260315-0'])
  })

  it.each([
    { days: 0, errorDays: 90 },
    { days: 7, errorDays: Number.NaN },
    { days: 1e9, errorDays: null },
  ])('of %j is refused', async (retention) => {
    const dir = await tempDir()
    await expect(openTestStore(dir, { retention })).rejects.toMatchObject({
      code: 'STORE_BAD_OPTIONS',
      message: expect.stringContaining('retention.') as string,
    })
  })
})
