import path from 'node:path'
import { ChdbEngine } from './engine/chdb-engine.ts'
import { loadChdb, type ChdbModule } from './engine/chdb-module.ts'
import { HEARTBEAT_INTERVAL_MS, type FromEngine, type ToEngine } from './engine/protocol.ts'
import { Follower } from './follow/follower.ts'
import { Ingester } from './ingest/ingester.ts'
import { recover } from './ingest/recovery.ts'
import { PartitionDays, dayOf } from './partition-day.ts'
import { prepareSchema, type StoreIdentity } from './prepare-schema.ts'
import { StoreError, messageOf } from './store-error.ts'
import type { StoreEvent } from './store-event.ts'
import type { EngineOptions } from './store-options.ts'
import { sweepEachHour } from './sweep.ts'
import type { FileHealth } from './log-store.ts'

/**
 * The program of the engine's process: it follows, stores, and answers what the host asks over IPC. It may be killed at
 * any moment. It ends when the host does, at once and without closing anything: the engine's own shutdown can hang.
 */
function endNow(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('BUG: still running after SIGKILL')
}

process.on('disconnect', endNow)

// A bug. Nothing that was read and not stored is lost: the next process reads it again.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack ?? error.message}`.replaceAll('\n', ' | ') + '\n')
  endNow()
})

const WAIT_FOR_PREDECESSOR_MS = 3000
const MIGRATION_NEWS_INTERVAL_MS = 10_000

function send(message: FromEngine): void {
  // A channel that breaks in this moment ends the process by 'disconnect'.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

interface Running {
  readonly engine: ChdbEngine
  readonly follower: Follower
}

async function open(options: EngineOptions): Promise<Running> {
  const chdb = await loadChdb()
  // The engine takes over signals when it is loaded. A terminal sends them to the whole group; the host decides.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  const engine = await openEngine(chdb, options)
  const now = () => Date.now() + options.clockOffsetMs
  const identity = await prepare(engine, dayOf(now()))
  const recovered = await recover(engine)
  const version = (JSON.parse(await engine.execute('SELECT version() AS version')) as { version: string })
    .version
  const ingester = new Ingester(engine, recovered, {
    onProgress: (progress) => send({ type: 'progress', progress }),
    onFailure: (reason, retryInMs) =>
      send({ type: 'event', event: { event: 'insertFailed', reason, retryInMs } }),
  })
  const report = (event: StoreEvent) => send({ type: 'event', event })
  const follower = new Follower(
    options,
    recovered.states,
    ingester,
    new PartitionDays(options.retention, now),
    report,
  )
  // Before the first question, which must not be answered with what is too old.
  await sweepEachHour(engine, ingester, options.retention, identity.retentionSince, now, report)
  const { storeId } = identity
  send({ type: 'ready', version: `chdb ${version}`, storeId, progress: ingester.progress })
  follower.start()
  beat(follower, ingester)
  return { engine, follower }
}

/** Says how far a migration is: it may take minutes, and silence means that the process hangs. */
async function prepare(engine: ChdbEngine, today: string): Promise<StoreIdentity> {
  let migrating: StoreEvent | undefined
  const tell = () => migrating !== undefined && send({ type: 'event', event: migrating })
  const telling = setInterval(tell, MIGRATION_NEWS_INTERVAL_MS)
  try {
    return await prepareSchema(
      (sql) => engine.execute(sql),
      today,
      (rows, ofRows) => {
        migrating = { event: 'migrating', rows, ofRows }
        tell()
      },
    )
  } finally {
    clearInterval(telling)
  }
}

/** Waits a little for the engine of a host that has just been killed: it ends as soon as it notices. */
async function openEngine(chdb: ChdbModule, options: EngineOptions): Promise<ChdbEngine> {
  const giveUpMs = performance.now() + WAIT_FOR_PREDECESSOR_MS
  for (;;) {
    try {
      return ChdbEngine.open(chdb, path.join(options.dataDir, 'chdb'), options.memoryBytes)
    } catch (error) {
      // Whatever it says: in the moment the other process ends, it cannot tell that it was in use.
      if (performance.now() > giveUpMs) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function beat(follower: Follower, ingester: Ingester): void {
  const sent = new Map<number, string>()
  let isFirst = true
  setInterval(() => {
    follower.reportBadLines()
    const health = follower.health()
    const changedFiles: (readonly [number, FileHealth])[] = []
    for (const [id, file] of health) {
      const text = JSON.stringify(file)
      if (sent.get(id) === text) continue
      sent.set(id, text)
      changedFiles.push([id, file])
    }
    const removedFiles = [...sent.keys()].filter((id) => !health.has(id))
    for (const id of removedFiles) sent.delete(id)
    send({
      type: 'heartbeat',
      health: {
        isFirst,
        residentBytes: process.memoryUsage.rss(),
        progress: ingester.progress,
        changedFiles,
        removedFiles,
        lastError: ingester.lastError,
      },
    })
    isFirst = false
  }, HEARTBEAT_INTERVAL_MS)
}

async function answer(engine: ChdbEngine, id: number, sql: string, timeoutMs: number): Promise<void> {
  try {
    send({ type: 'answer', id, text: await engine.ask(id, sql, timeoutMs) })
  } catch (error) {
    const failure =
      error instanceof StoreError ? error : new StoreError('STORE_QUERY_FAILED', messageOf(error))
    send({ type: 'failure', id, code: failure.code, message: failure.message })
  }
}

let running: Running | undefined

process.on('message', (message: ToEngine) => {
  switch (message.type) {
    case 'open':
      open(message.options).then(
        (opened) => {
          running = opened
        },
        (error: unknown) => {
          const code = error instanceof StoreError ? error.code : 'STORE_DAMAGED'
          const refused: FromEngine = { type: 'refused', code, message: messageOf(error) }
          process.send?.(refused, undefined, undefined, endNow)
        },
      )
      break
    case 'query':
      if (running !== undefined) void answer(running.engine, message.id, message.sql, message.timeoutMs)
      break
    case 'cancel':
      running?.engine.cancel(message.id)
      break
    case 'close':
      void (running?.follower.stop() ?? Promise.resolve()).finally(endNow)
      break
  }
})
