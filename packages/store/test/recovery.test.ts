import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { formatPlainRecord } from '@pixsim7/record'
import { tempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { BASE_US, jsonLine, numbers, seqs, testRecord } from './support/lines.ts'
import { allEntries, openTestStore, rawSql, waitUntilStored } from './support/test-store.ts'

const DAY_US = 86_400_000_000
const SYNC = 'SETTINGS mutations_sync = 2'

/** Lines of two days in turn: two partitions per batch. */
function lines(first: number, count: number): string {
  return numbers(first, count)
    .map((seq) =>
      jsonLine({ timeUs: BASE_US + (seq % 2) * DAY_US + seq, message: `line ${seq}`, fields: { seq } }),
    )
    .join('')
}

/** A closed store with a first batch of ten lines and a second one of ten. */
async function storeOfTwoBatches() {
  const dir = await tempDir()
  await mkdir(path.join(dir, 'logs'))
  const file = path.join(dir, 'logs', 'worker.log')
  await writeFile(file, lines(0, 10))
  const { store } = await openTestStore(dir)
  await waitUntilStored(store, [file])
  await appendFile(file, lines(10, 10))
  await waitUntilStored(store, [file])
  await store.close()
  const [last] = await rawSql<{ batch: number }>(dir, 'SELECT max(batch) AS batch FROM pixlogs.logs')
  return { dir, file, batch: last?.batch ?? 0 }
}

async function expectLines(dir: string, file: string, count: number): Promise<void> {
  const { store } = await openTestStore(dir)
  await waitUntilStored(store, [file])
  expect(seqs((await allEntries(store)).sort((a, b) => a.offset - b.offset))).toEqual(numbers(0, count))
  const [health] = store.health().files
  expect(health).toMatchObject({ lines: count, rows: count, badLines: 0 })
  await store.close()
  const counted = await rawSql<{ rows: number }>(dir, 'SELECT count() AS rows FROM pixlogs.logs')
  expect(counted).toEqual([{ rows: count }])
}

/** The states a kill can leave between the steps in which a batch is stored, made by taking away what came later. */
describe('a batch that was killed', () => {
  it('after its rows: they are not stored again', async () => {
    const { dir, file, batch } = await storeOfTwoBatches()
    await rawSql(dir, `ALTER TABLE pixlogs.files DELETE WHERE version >= ${batch} ${SYNC}`)
    await expectLines(dir, file, 20)
  })

  it('after the rows of one of its days: the others are stored, those are not stored again', async () => {
    const { dir, file, batch } = await storeOfTwoBatches()
    await rawSql(dir, `ALTER TABLE pixlogs.files DELETE WHERE version >= ${batch} ${SYNC}`)
    await rawSql(dir, `ALTER TABLE pixlogs.logs DELETE WHERE batch = ${batch} AND day = '2025-11-12' ${SYNC}`)
    await expectLines(dir, file, 20)
  })

  it('before its rows: all are stored', async () => {
    const { dir, file, batch } = await storeOfTwoBatches()
    await rawSql(dir, `ALTER TABLE pixlogs.files DELETE WHERE version >= ${batch} ${SYNC}`)
    await rawSql(dir, `ALTER TABLE pixlogs.logs DELETE WHERE batch = ${batch} ${SYNC}`)
    await expectLines(dir, file, 20)
  })

  it('after its incarnations were named, with and without its rows', async () => {
    const { dir, file } = await storeOfTwoBatches()
    // What the first batch wrote before its first row, and nothing of what came after.
    await rawSql(dir, `ALTER TABLE pixlogs.files DELETE WHERE version >= 1 ${SYNC}`)
    const left = await rawSql<{ version: number }>(dir, 'SELECT version FROM pixlogs.files')
    if (left.length === 0) {
      // Merged away by a later state: then there is no such store to recover, and the test would say nothing.
      throw new Error(
        'the state before the first row was merged away; the engine merged faster than expected',
      )
    }
    await expectLines(dir, file, 20)
    await rawSql(dir, `ALTER TABLE pixlogs.files DELETE WHERE version >= 1 ${SYNC}`)
    await rawSql(dir, `ALTER TABLE pixlogs.logs DELETE WHERE day = '2025-11-11' ${SYNC}`)
    await expectLines(dir, file, 20)
  })

  it('and its successor too, before it has read again what the first had stored', async () => {
    const { dir, file, batch } = await storeOfTwoBatches()
    await rawSql(dir, `ALTER TABLE pixlogs.files DELETE WHERE version >= ${batch} ${SYNC}`)
    await rawSql(dir, `ALTER TABLE pixlogs.logs DELETE WHERE batch = ${batch} AND day = '2025-11-12' ${SYNC}`)
    // The next process settles, then names a new file (a version above the killed batch), and is killed.
    const other = path.join(dir, 'logs', 'other.log')
    await writeFile(other, jsonLine({ message: 'other' }))
    const { store } = await openTestStore(dir, { files: [other] })
    await waitUntilStored(store, [other])
    await store.close()
    const { store: again } = await openTestStore(dir)
    await waitUntilStored(again, [file, other])
    const entries = await allEntries(again, { components: ['worker'] })
    expect(seqs(entries.sort((a, b) => a.offset - b.offset))).toEqual(numbers(0, 20))
  })
})

describe('a rotated file that was named, and nothing more', () => {
  it('is not taken for the original of others: what has been read from its beginning only is like everything', async () => {
    const dir = await tempDir()
    await mkdir(path.join(dir, 'logs'))
    const files = [1, 2, 3].map((rotation) => path.join(dir, 'logs', `worker.log.${rotation}`))
    for (const [index, file] of files.entries()) await writeFile(file, lines(index * 10, 10))
    const first = await openTestStore(dir)
    await waitUntilStored(first.store, files)
    await first.store.close()
    await rawSql(dir, `ALTER TABLE pixlogs.files DELETE WHERE version >= 1 OR id != 1 ${SYNC}`)
    await rawSql(dir, `ALTER TABLE pixlogs.logs DELETE WHERE 1 ${SYNC}`)
    expect(await rawSql(dir, 'SELECT id FROM pixlogs.files')).toEqual([{ id: 1 }])
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, files)
    const entries = await allEntries(store)
    expect(seqs(entries).sort((a, b) => Number(a) - Number(b))).toEqual(numbers(0, 30))
  })
})

describe('stack lines that came after their record was stored without them', () => {
  it('are not lost when that batch was killed before its position', async () => {
    const dir = await tempDir()
    await mkdir(path.join(dir, 'logs'))
    const file = path.join(dir, 'logs', 'worker.log')
    await writeFile(file, `${formatPlainRecord(testRecord({ message: 'early' }))}\n`)
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [file])
    await store.close()
    await rawSql(dir, `ALTER TABLE pixlogs.files DELETE WHERE version >= 1 ${SYNC}`)
    await appendFile(file, '    at late\n    at later\n')
    const again = await openTestStore(dir)
    await waitUntilStored(again.store, [file])
    const entries = await allEntries(again.store)
    expect(entries.map(({ message, exception }) => [message, exception])).toEqual([
      ['early', null],
      ['    at late', 'at later'],
    ])
    expect(again.store.health().files[0]).toMatchObject({ lines: 3, rows: 2, continuationLines: 1 })
  })
})
