// Logs 100 lines below ERROR in one tick and ends in the way its first argument says.
import { Worker } from 'node:worker_threads'
import { closeLogging, flushLogging, getLogger, setupLogging } from '@pixsim7/logging'

const [way] = process.argv.slice(2)
const logger = getLogger('ending')

if (way === 'signal-before-once') process.once('SIGTERM', endLater)
setupLogging({ component: 'backend', handleSighup: false })
for (let n = 1; n <= 100; n++) logger.info('Counted line', { n })

const ways = {
  natural: () => {},
  exit: () => process.exit(0),
  'exit-status': () => process.exit(7),
  throw: () => {
    throw new Error('thrown for the test')
  },
  'throw-no-error': () => {
    throw { password: 'hunter2' }
  },
  'throw-later': () =>
    setTimeout(() => {
      throw new Error('thrown for the test')
    }),
  reject: () => Promise.reject(new Error('rejected for the test')),
  'own-handler': () => {
    process.on('uncaughtException', () => process.exit(9))
    throw new Error('thrown for the test')
  },
  sigterm: () => kill('SIGTERM'),
  sigint: () => kill('SIGINT'),
  sighup: () => kill('SIGHUP'),
  'signal-own': () => {
    process.on('SIGTERM', endLater)
    kill('SIGTERM')
  },
  'signal-before-once': () => kill('SIGTERM'),
  'exit-listener': () => {
    process.on('exit', () => logger.info('Last line', { n: 101 }))
    process.exit(0)
  },
  'before-exit': () => process.once('beforeExit', () => logger.info('Last line', { n: 101 })),
  close: async () => {
    await Promise.all([closeLogging(), closeLogging(), flushLogging()])
    await closeLogging()
    await flushLogging({ durable: true })
  },
  flush: async () => {
    await flushLogging({ durable: true })
    process.kill(process.pid, 'SIGKILL')
  },
  'error-then-kill': () => {
    logger.error('Last line', { n: 101 })
    process.kill(process.pid, 'SIGKILL')
  },
  worker: () => {
    const worker = new Worker(new URL('./log-in-worker.mjs', import.meta.url))
    worker.on('error', () => {})
    worker.on('exit', () => process.exit(0))
  },
}
await ways[way]()

function kill(signal) {
  process.kill(process.pid, signal)
  // Keeps the process alive until the signal takes effect.
  setTimeout(() => process.exit(99), 30_000)
}

function endLater() {
  setTimeout(() => {
    logger.info('Last line', { n: 101 })
    process.exit(5)
  }, 20)
}
