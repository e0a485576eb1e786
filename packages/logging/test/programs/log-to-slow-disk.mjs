// Logs numbered lines while every write takes long, and ends in the way its first argument says. Prints how long the event loop
// was held up, at most, once writing had become asynchronous.
import { setTimeout as delay } from 'node:timers/promises'
import { closeLogging, getLogger, setupLogging } from '@pixsim7/logging'

const [way] = process.argv.slice(2)
setupLogging({ component: 'backend', ...(way === 'burst' ? { memoryBytes: 256 * 1024 } : {}) })
const logger = getLogger('slow')
let n = 0
let longestMs = 0
// The one line is enough for the first write to be slow, and the last.
if (way === 'one') logger.info('Numbered line', { n: ++n })
for (let tick = 0; tick < 200 && way !== 'one'; tick++) {
  const startMs = performance.now()
  for (let count = 0; count < 5; count++) {
    n++
    if (n % 50 === 0) logger.error('Numbered line', { n })
    else logger.info('Numbered line', { n })
  }
  // The first writes tell that the disk is slow.
  if (tick > 100) longestMs = Math.max(longestMs, performance.now() - startMs)
  await delay(5)
}
if (way === 'burst') {
  const startMs = performance.now()
  for (let count = 0; count < 10_000; count++) {
    n++
    if (n % 50 === 0) logger.error('Numbered line', { n })
    else logger.info('Numbered line', { n })
  }
  longestMs = performance.now() - startMs
}
process.stdout.write(`longest ${Math.round(longestMs)} ms\n`)
if (way === 'exit') process.exit(0)
else if (way === 'signal') process.kill(process.pid, 'SIGTERM')
else if (way === 'throw') {
  setImmediate(() => {
    throw new Error('thrown for the test')
  })
} else await closeLogging()
