import { expect, it, vi } from 'vitest'
import { Ingester } from './ingester.ts'
import type { RowStore } from './row-store.ts'

/** An engine whose disk is full until it is told otherwise: what no real one does on demand. */
class FullDisk implements RowStore {
  isFull = true
  readonly done: string[] = []

  execute(): Promise<string> {
    return Promise.resolve('')
  }

  insert(table: string): Promise<void> {
    this.done.push(table)
    return this.isFull ? Promise.reject(new Error('no space left')) : Promise.resolve()
  }
}

it('lets retention free a full disk while a batch waits, which must leave the rows of that batch alone', async () => {
  const disk = new FullDisk()
  const failures: string[] = []
  const ingester = new Ingester(
    disk,
    { lastBatch: 6, rows: 100, expiredRows: 5 },
    { onProgress: () => undefined, onFailure: (reason) => failures.push(reason) },
  )
  const batch = ingester.begin()
  batch.add(1, 0, '[]\n')
  const stored = new Promise<void>((resolve) => void ingester.submit(batch, resolve))
  await vi.waitFor(() => expect(failures).toHaveLength(1))

  const seen: (number | undefined)[] = []
  await ingester.expire((doubtfulBatch) => {
    seen.push(doubtfulBatch)
    disk.isFull = false
    return Promise.resolve(40)
  })
  expect(ingester.progress).toEqual({ committedBatch: 6, rows: 60, expiredRows: 45 })
  await stored
  await ingester.expire((doubtfulBatch) => {
    seen.push(doubtfulBatch)
    return Promise.resolve(0)
  })
  expect(seen).toEqual([7, undefined])
  expect(ingester.progress).toEqual({ committedBatch: 7, rows: 61, expiredRows: 45 })
})

it('expires between two attempts to store, never during one', async () => {
  const disk = new FullDisk()
  disk.isFull = false
  const ingester = new Ingester(
    disk,
    { lastBatch: 0, rows: 0, expiredRows: 0 },
    { onProgress: () => undefined, onFailure: () => undefined },
  )
  const expiring = ingester.expire(async () => {
    disk.done.push('begin')
    await new Promise(setImmediate)
    disk.done.push('end')
    return 0
  })
  const batch = ingester.begin()
  batch.add(1, 0, '[]\n')
  await ingester.submit(batch, () => undefined)
  await Promise.all([expiring, ingester.drain()])
  expect(disk.done).toEqual(['begin', 'end', 'pixlogs.logs'])
})

it('goes on storing after a removal that failed', async () => {
  const disk = new FullDisk()
  disk.isFull = false
  const ingester = new Ingester(
    disk,
    { lastBatch: 0, rows: 0, expiredRows: 0 },
    { onProgress: () => undefined, onFailure: () => undefined },
  )
  await expect(ingester.expire(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  const batch = ingester.begin()
  batch.add(1, 0, '[]\n')
  await ingester.submit(batch, () => undefined)
  await ingester.drain()
  expect(ingester.progress).toEqual({ committedBatch: 1, rows: 1, expiredRows: 0 })
})
