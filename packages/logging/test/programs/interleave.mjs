/**
 * Thousands of tasks at once, each in a context of its own, going through everything Node can wait for. Each line says in
 * `owner` whose it is and in `inner` what else must be on it, so a reader can tell whether the context is right.
 * Arguments: number of tasks; `shared` keeps the context in one variable of the process instead (the twin that must fail).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { readFile } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker, isMainThread, parentPort } from 'node:worker_threads'
import { deflate } from 'node:zlib'
import { closeLogging, getLogger, LogContext, setupLogging } from '@pixsim7/logging'

setupLogging({ component: isMainThread ? 'backend' : 'thread', console: 'off' })
const plainLogger = getLogger('interleave')

let sharedFields = {}
const sharedContext = {
  run(fields, fn) {
    const before = sharedFields
    sharedFields = { ...sharedFields, ...fields }
    try {
      return fn()
    } finally {
      sharedFields = before
    }
  },
  bind: (fn) => fn,
}
const isShared = process.argv[3] === 'shared'
const Context = isShared ? sharedContext : LogContext

/** Lines logged, so that a lost one is noticed. */
let lines = 0
function log(owner, step, inner = '') {
  lines++
  const logger = isShared ? plainLogger.with(sharedFields) : plainLogger
  if (lines % 50 === 0) logger.error('Step done', { owner, step, inner })
  else logger.info('Step done', { owner, step, inner })
}

if (!isMainThread) serveInThread()
else await main(Number(process.argv[2]))

/** A thread has contexts of its own; it logs in them, and answers. */
function serveInThread() {
  parentPort.on('message', ({ owner, id }) => {
    if (owner === undefined) return void closeLogging().then(() => parentPort.close())
    void LogContext.run({ user_id: owner }, async () => {
      log(owner, 'in a thread')
      await delay(owner % 3)
      log(owner, 'in a thread, later')
      parentPort.postMessage({ id, lines: 2 })
    })
  })
}

async function main(tasks) {
  const foreign = new AsyncLocalStorage()
  const bus = new EventEmitter().setMaxListeners(0)
  const target = new EventTarget()
  const thread = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) })
  const waiting = new Map()
  let threadLines = 0
  thread.on('message', (answer) => {
    threadLines += answer.lines
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })

  /** Each waits in its own way, then logs; the line must be the owner's. */
  const STEPS = {
    async promise(owner) {
      await Promise.resolve().then(() => log(owner, 'then'))
      await Promise.all([delay(1), Promise.resolve(), Promise.race([delay(2), delay(0)])])
      log(owner, 'promise')
    },
    async thenable(owner) {
      await { then: (resolve) => setImmediate(resolve) }
      log(owner, 'thenable')
    },
    timer: (owner) =>
      new Promise((resolve) => {
        setTimeout(() => resolve(log(owner, 'timeout')), owner % 5)
      }),
    interval: (owner) =>
      new Promise((resolve) => {
        let count = 0
        const timer = setInterval(() => {
          log(owner, 'interval')
          if (++count === 2) resolve(clearInterval(timer))
        }, 1)
      }),
    immediate: (owner) => new Promise((resolve) => setImmediate(() => resolve(log(owner, 'immediate')))),
    ticks: (owner) =>
      new Promise((resolve) => {
        process.nextTick(() => queueMicrotask(() => resolve(log(owner, 'tick and microtask'))))
      }),
    callbacks: (owner) =>
      new Promise((resolve) => {
        randomBytes(16, () => {
          log(owner, 'crypto')
          deflate('x'.repeat(owner % 100), () =>
            readFile(import.meta.filename, () => resolve(log(owner, 'file'))),
          )
        })
      }),
    async stream(owner) {
      const upper = new Transform({
        objectMode: true,
        transform(chunk, _encoding, done) {
          log(owner, 'transform')
          setImmediate(() => done(null, chunk))
        },
      })
      await pipeline(Readable.from([1, 2]), upper, async function* (chunks) {
        for await (const chunk of chunks) log(owner, `chunk ${chunk}`)
      })
      log(owner, 'pipeline')
    },
    async generator(owner) {
      async function* numbers() {
        for (let n = 0; n < 2; n++) {
          await delay(n)
          log(owner, 'generator')
          yield n
        }
      }
      for await (const n of numbers()) log(owner, `generated ${n}`)
    },
    /** Listeners run in the context of whoever emits, which is some other task, so they are bound. */
    async emitter(owner) {
      const name = `done ${owner}`
      const heard = new Promise((resolve) => {
        bus.once(
          name,
          Context.bind(() => resolve(log(owner, 'emitter'))),
        )
        target.addEventListener(
          name,
          Context.bind(() => log(owner, 'event target')),
          { once: true },
        )
      })
      emitLater.push(name)
      await heard
      log(owner, 'after the emitter')
    },
    /** An await goes on in its own context, whoever has settled the promise. */
    async emitterAwaited(owner) {
      const name = `awaited ${owner}`
      const heard = once(bus, name)
      emitLater.push(name)
      await heard
      log(owner, 'awaited event')
    },
    async foreignStorage(owner) {
      await foreign.run({ of: 'somebody else', user_id: -1 }, async () => {
        await delay(1)
        log(owner, 'inside a foreign storage')
        await foreign.exit(() => delay(1))
        log(owner, 'after its exit')
      })
      log(owner, 'after the foreign storage')
    },
    async nested(owner) {
      await Context.run({ inner_id: owner, job_id: -owner }, async () => {
        await delay(owner % 3)
        log(owner, 'nested', 'inner_id')
        await Context.run({ job_id: owner }, () =>
          delay(1).then(() => log(owner, 'nested twice', 'inner_id')),
        )
        log(owner, 'back in the nested', 'inner_id')
      })
      log(owner, 'after the nested')
    },
    async thrown(owner) {
      try {
        await Context.run({ inner_id: owner }, async () => {
          await delay(1)
          log(owner, 'before the throw', 'inner_id')
          throw new Error('thrown across an await')
        })
      } catch {
        log(owner, 'after the rejection')
      }
      try {
        Context.run({ inner_id: owner }, () => {
          throw new Error('thrown at once')
        })
      } catch {
        log(owner, 'after the throw')
      }
    },
    async thread(owner) {
      const id = `${owner}`
      const answered = new Promise((resolve) => waiting.set(id, resolve))
      thread.postMessage({ owner, id })
      await answered
      log(owner, 'after the thread')
    },
  }

  /** Events of tasks, emitted by other tasks. */
  const emitLater = []
  const emitSome = () => {
    for (const name of emitLater.splice(0)) {
      bus.emit(name)
      target.dispatchEvent(new Event(name))
    }
  }
  const names = Object.keys(STEPS)
  const outside = setInterval(() => {
    log('nobody', 'outside')
    emitSome()
  }, 5)

  const task = (owner) =>
    Context.run({ user_id: owner, job_id: owner }, async () => {
      // Four steps in an order that differs from task to task.
      for (let n = 0; n < 4; n++) {
        await STEPS[names[(owner * 7 + n * (1 + (owner % 5)) * 3) % names.length]](owner)
        emitSome()
      }
      log(owner, 'end')
    })
  const done = Promise.all(Array.from({ length: tasks }, (_, index) => task(index + 1)))
  log('nobody', 'all started')
  await done
  log('nobody', 'all done')
  clearInterval(outside)
  thread.postMessage({})
  await once(thread, 'exit')
  await closeLogging()
  console.log(JSON.stringify({ lines: lines + threadLines, left: LogContext.get() }))
}
