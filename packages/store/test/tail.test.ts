import { appendFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { LogFilter, LogStore, TailBatch } from '@pixsim7/store'
import { cleanUpAfter, tempDir, waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { numberedLines, numbers, seqs } from './support/lines.ts'
import { seededRandom, testSeed } from './support/random.ts'
import { openTestStore } from './support/test-store.ts'

async function folder() {
  const dir = await tempDir()
  await mkdir(path.join(dir, 'logs'))
  return { dir, file: path.join(dir, 'logs', 'worker.log') }
}

/** A reader of a tail that begins again where it was when the tail breaks, as a browser does. */
class Reader {
  readonly batches: TailBatch[] = []
  breaks = 0
  position: string | undefined
  readonly #controller = new AbortController()
  readonly done: Promise<void>

  constructor(store: LogStore, filter: LogFilter, from: string | undefined, limit: number) {
    this.position = from
    this.done = this.#run(store, filter, limit)
    cleanUpAfter('test', async () => {
      this.stop()
      await this.done
    })
  }

  stop(): void {
    this.#controller.abort()
  }

  get seqs(): unknown[] {
    return this.batches.flatMap(({ entries }) => seqs(entries))
  }

  get skipped(): number {
    return this.batches.reduce((sum, { skipped }) => sum + skipped, 0)
  }

  async #run(store: LogStore, filter: LogFilter, limit: number): Promise<void> {
    while (!this.#controller.signal.aborted) {
      try {
        for await (const batch of store.tail(filter, this.position, limit, this.#controller.signal)) {
          this.batches.push(batch)
          this.position = batch.position
        }
      } catch {
        this.breaks += 1
      }
    }
  }
}

describe('tail', () => {
  it('begins now, and gives what is stored from then on in that order', async () => {
    const { dir, file } = await folder()
    const { store } = await openTestStore(dir)
    await appendFile(file, numberedLines(0, 10))
    await waitFor(() => store.health().rows === 10)
    const reader = new Reader(store, {}, undefined, 500)
    for (let first = 10; first < 60; first += 10) {
      await appendFile(file, numberedLines(first, 10))
      await waitFor(() => reader.seqs.length === first)
    }
    expect(reader.seqs).toEqual(numbers(10, 50))
    expect(reader.skipped).toBe(0)
  })

  it('gives only what matches', async () => {
    const { dir, file } = await folder()
    const { store } = await openTestStore(dir)
    const reader = new Reader(store, { search: 'line 7' }, undefined, 500)
    await appendFile(file, numberedLines(0, 80))
    await waitFor(() => reader.seqs.length === 11)
    expect(reader.seqs).toEqual([7, ...numbers(70, 10)])
  })

  it('gives the newest when there are more than it may carry, and counts the others', async () => {
    const { dir, file } = await folder()
    const { store } = await openTestStore(dir)
    const first = new Reader(store, {}, undefined, 500)
    await appendFile(file, numberedLines(0, 2))
    await waitFor(() => first.seqs.length === 2)
    first.stop()
    await appendFile(file, numberedLines(2, 1000))
    await waitFor(() => store.health().rows === 1002)
    const reader = new Reader(store, {}, first.position, 100)
    await waitFor(() => reader.batches.length > 0)
    expect(reader.seqs).toEqual(numbers(902, 100))
    expect(reader.skipped).toBe(900)
  })

  it('loses and doubles nothing while the engine is killed, by resuming from its position', async () => {
    const random = seededRandom(testSeed())
    const { dir, file } = await folder()
    const { store } = await openTestStore(dir, { flushIntervalMs: 5 })
    const reader = new Reader(store, {}, undefined, 1000)
    let written = 0
    for (let kill = 0; kill < 5; kill += 1) {
      for (let write = 0; write < 10; write += 1) {
        const count = 1 + Math.floor(random() * 40)
        await appendFile(file, numberedLines(written, count))
        written += count
        if (write === 5) {
          const { pid } = store.health().engine
          if (pid !== null) process.kill(pid, 'SIGKILL')
        }
      }
      await waitFor(() => reader.seqs.length + reader.skipped >= written, { what: 'the tail to catch up' })
    }
    expect(reader.skipped).toBe(0)
    expect([...reader.seqs].sort((a, b) => Number(a) - Number(b))).toEqual(numbers(0, written))
    expect(store.health().engine.restarts).toBe(5)
  })

  it('goes on from a position after the store was closed and opened', async () => {
    const { dir, file } = await folder()
    const first = await openTestStore(dir)
    const before = new Reader(first.store, {}, undefined, 500)
    await appendFile(file, numberedLines(0, 5))
    await waitFor(() => before.seqs.length === 5)
    before.stop()
    await before.done
    await appendFile(file, numberedLines(5, 5))
    await waitFor(() => first.store.health().rows === 10)
    await first.store.close()
    const second = await openTestStore(dir)
    await appendFile(file, numberedLines(10, 5))
    const after = new Reader(second.store, {}, before.position, 500)
    await waitFor(() => after.seqs.length === 10)
    expect(after.seqs).toEqual(numbers(5, 10))
  })

  it('refuses a position of another store', async () => {
    const { dir } = await folder()
    const { store } = await openTestStore(dir)
    for (const position of ['000000000000-1', 'x', '', "1' OR 1"]) {
      const tail = store.tail({}, position, 10, new AbortController().signal)[Symbol.asyncIterator]()
      await expect(tail.next()).rejects.toMatchObject({ code: 'STORE_BAD_CURSOR' })
    }
  })

  it('ends when it is no longer wanted, and when the store closes', async () => {
    const { dir } = await folder()
    const { store } = await openTestStore(dir)
    const controller = new AbortController()
    const wanted = store.tail({}, undefined, 10, controller.signal)[Symbol.asyncIterator]()
    // First the position to resume from, before anything matches.
    expect(await wanted.next()).toMatchObject({ done: false, value: { entries: [], skipped: 0 } })
    const next = wanted.next()
    controller.abort()
    expect(await next).toEqual({ done: true, value: undefined })
    const other = store.tail({}, undefined, 10, new AbortController().signal)[Symbol.asyncIterator]()
    await other.next()
    const closed = expect(other.next()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await store.close()
    await closed
    await store.close()
  })
})
