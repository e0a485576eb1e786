// Runs in a folder on a disk of 16 MB. Fills it, logs on at 10,000 lines/s for a while, frees it, logs on, and prints what came of it.
import { rmSync, writeFileSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { closeLogging, flushLogging, getLogger, loggingCounters, setupLogging } from '@pixsim7/logging'

const setup = setupLogging({ component: 'backend', memoryBytes: 1024 * 1024 })
const logger = getLogger('disk')
let uncaught = 0
process.on('uncaughtException', () => uncaught++)

let n = 0
function log(count) {
  for (let index = 0; index < count; index++) {
    n++
    if (n % 500 === 0) logger.error('Numbered line', { n })
    else logger.info('Numbered line', { n })
  }
}

log(100)
await flushLogging()
try {
  writeFileSync('ballast', Buffer.alloc(16 * 1024 * 1024))
} catch {
  // As much as there was room for.
}
while (loggingCounters().failed === 0) {
  log(10)
  await delay(1)
}
const failedAt = n
globalThis.gc?.()
const rssBefore = process.memoryUsage().rss
let rssMost = 0
for (let tick = 0; tick < 500; tick++) {
  log(100)
  rssMost = Math.max(rssMost, process.memoryUsage().rss)
  await delay(1)
}
const loggedWhileFull = n
rmSync('ballast')
const freedAt = performance.now()
let recoveredMs
for (;;) {
  log(1)
  try {
    await flushLogging()
    recoveredMs = performance.now() - freedAt
    break
  } catch {
    await delay(5)
  }
}
log(100)
await closeLogging()
console.log(
  JSON.stringify({
    uncaught,
    failedAt,
    loggedWhileFull,
    last: n,
    recoveredMs,
    memoryGrowth: rssMost - rssBefore,
    component: readFileSync(setup.file, 'utf8'),
    errors: readFileSync(setup.errorFile, 'utf8'),
  }),
)
