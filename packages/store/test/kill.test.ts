import { mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { LogStore } from '@pixsim7/store'
import { startNode, tempDir, waitFor, type Program } from '@pixsim7/testkit'
import { expect, it } from 'vitest'
import { numbers } from './support/lines.ts'
import { seededRandom, testSeed } from './support/random.ts'
import { openTestStore, rawSql, waitUntilStored } from './support/test-store.ts'
import { Traffic } from './support/traffic.ts'

/** More rounds, for a night: `STORE_KILL_ROUNDS=200`. */
const ROUNDS = Number(process.env['STORE_KILL_ROUNDS'] ?? 12)
/** Each round starts an engine; a busy machine takes seconds for that. */
const TIMEOUT_MS = 60_000 + ROUNDS * 30_000
const HOST = path.join(import.meta.dirname, 'support/host.mjs')

async function folder(producers: number) {
  const dir = await tempDir()
  await mkdir(path.join(dir, 'logs'))
  return {
    dir,
    files: numbers(0, producers).map((producer) => path.join(dir, 'logs', `producer${producer}.log`)),
  }
}

async function logFiles(dir: string): Promise<string[]> {
  return (await readdir(path.join(dir, 'logs'))).map((name) => path.join(dir, 'logs', name))
}

/** The judge, by the engine itself: of each producer every record once, and in each file in the order it was written. */
async function expectEachOnce(dir: string, traffic: Traffic): Promise<void> {
  for (const [producer, count] of traffic.written.entries()) {
    const rows = await rawSql<{ file: number; seq: number }>(
      dir,
      `SELECT file, toUInt32(extract(message, '^record (\\d+) of')) AS seq FROM pixlogs.logs
       WHERE message LIKE '% of ${producer}' ORDER BY file, offset`,
    )
    expect(rows.length, `records of producer ${producer}`).toBe(count)
    const misplaced = rows.filter(({ file, seq }, index) => {
      const before = rows[index - 1]
      return before !== undefined && before.file === file && before.seq + 1 !== seq
    })
    expect(misplaced).toEqual([])
    expect(rows.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(numbers(0, count))
  }
  const stacks = await rawSql<{ wrong: number }>(
    dir,
    `SELECT count() AS wrong FROM pixlogs.logs WHERE file_name LIKE 'producer1%'
     AND (exception != '') != (toUInt32(extract(message, '^record (\\\\d+) of')) % 5 = 0)`,
  )
  expect(stacks).toEqual([{ wrong: 0 }])
  // Positions, counts and rows tell the same story.
  const states = await rawSql<{ state: string }>(
    dir,
    'SELECT state FROM pixlogs.files ORDER BY id, version DESC LIMIT 1 BY id',
  )
  const counts = states.map(({ state }) => (JSON.parse(state) as { counts: Record<string, number> }).counts)
  const sum = (name: string) => counts.reduce((total, count) => total + (count[name] ?? 0), 0)
  expect(sum('rows')).toBe(traffic.total)
  expect(sum('lines')).toBe(sum('rows') + sum('continuationLines'))
  expect(sum('badLines')).toBe(0)
}

/** Writes without a pause until it is stopped. */
class Writer {
  #isStopped = false
  readonly #done: Promise<void>

  constructor(traffic: Traffic) {
    this.#done = (async () => {
      while (!this.#isStopped) {
        await traffic.burst(20)
        await delay(20)
      }
    })()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
  }
}

async function waitForActivity(store: LogStore): Promise<void> {
  const { rows } = store.health()
  await waitFor(() => store.health().rows > rows, {
    what: 'rows to be stored',
    intervalMs: 1,
    timeoutMs: 90_000,
  })
}

it(
  `keeps each line once and in order when the engine is killed ${ROUNDS} times while it stores`,
  async () => {
    const random = seededRandom(testSeed())
    const { dir, files } = await folder(3)
    const { store, events } = await openTestStore(dir, { flushIntervalMs: 5 })
    const traffic = new Traffic(files, random)
    let insideActivity = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      await waitFor(() => store.health().engine.pid !== null, { what: 'the engine to be back' })
      const writer = new Writer(traffic)
      await waitForActivity(store)
      await delay(random() * 300)
      // A moment in which lines are written that are not stored.
      await waitFor(() => store.health().rows < traffic.total, { intervalMs: 1 })
      const { engine, rows } = store.health()
      process.kill(engine.pid ?? 0, 'SIGKILL')
      if (rows > 0 && rows < traffic.total) insideActivity += 1
      await writer.stop()
    }
    await waitUntilStored(store, await logFiles(dir))
    const health = store.health()
    expect(health.engine.restarts).toBe(ROUNDS)
    expect(events.filter(({ event }) => event === 'engineLost')).toHaveLength(ROUNDS)
    expect(insideActivity).toBe(ROUNDS)
    for (const file of health.files) expect(file.lines).toBe(file.rows + file.continuationLines + file.copies)
    expect(health.rows).toBe(traffic.total)
    await store.close()
    await expectEachOnce(dir, traffic)
  },
  TIMEOUT_MS,
)

interface HostHealth {
  readonly pid: number
  readonly rows: number
  readonly lag: number
  readonly files: number
}

function healthOf(host: Program): HostHealth | undefined {
  const complete = host.stdout.slice(0, host.stdout.lastIndexOf('\n') + 1).trimEnd()
  return complete === ''
    ? undefined
    : (JSON.parse(complete.slice(complete.lastIndexOf('\n') + 1)) as HostHealth)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it(
  `keeps each line once and in order when the host is killed ${ROUNDS} times, and takes its engine with it`,
  async () => {
    const random = seededRandom(testSeed())
    const { dir, files } = await folder(2)
    const traffic = new Traffic(files, random)
    let insideActivity = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const host = startNode(HOST, [path.join(dir, 'store'), path.join(dir, 'logs/*.log*')])
      const { pid, rows } = await waitFor(() => healthOf(host), { what: 'the host to answer' })
      const writer = new Writer(traffic)
      await waitFor(() => (healthOf(host)?.rows ?? 0) > rows, { what: 'rows to be stored', intervalMs: 2 })
      await delay(random() * 300)
      await waitFor(() => (healthOf(host)?.rows ?? 0) < traffic.total, { intervalMs: 1 })
      const atKill = healthOf(host)?.rows ?? 0
      host.signal('SIGKILL')
      if (atKill > rows && atKill < traffic.total) insideActivity += 1
      await host.exit
      await writer.stop()
      await waitFor(() => !isAlive(pid), { what: 'the engine to follow its host' })
    }
    expect(insideActivity).toBe(ROUNDS)
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, await logFiles(dir))
    await store.close()
    await expectEachOnce(dir, traffic)
  },
  TIMEOUT_MS,
)
