/**
 * Visitors of PixSim7: light traffic over HTTP, so that there is something to see in the logs.
 * Usage: node main.js ORIGIN, such as http://127.0.0.1:8001. `VISITOR_SEED` repeats who does what.
 */
import { randomBytes } from 'node:crypto'
import { watchParent } from '../process/parent-watch.ts'
import { Crowd } from './crowd.ts'

/** Four visitors, two requests each about every five seconds: one to two requests per second. */
const VISITORS = 4
const MEAN_PAUSE_MS = 5000
const STAY_MS = 12 * 60_000

const origin = process.argv[2]
if (origin === undefined || !URL.canParse(origin)) {
  process.stderr.write('Usage: main.js ORIGIN, such as http://127.0.0.1:8001\n')
  process.exit(2)
}
const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort())
watchParent(() => ending.abort())

const runName = randomBytes(3).toString('hex')
const crowd = new Crowd({
  origin: origin.replace(/\/+$/, ''),
  seed: process.env['VISITOR_SEED'] ?? runName,
  runName,
  visitors: VISITORS,
  meanPauseMs: MEAN_PAUSE_MS,
  stayMs: STAY_MS,
  signal: ending.signal,
})
process.stdout.write(`Visitors ready (${runName})\n`)
await crowd.run()
process.exit(0)
