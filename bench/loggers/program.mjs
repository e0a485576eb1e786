// One run of one logger: `program.mjs CASE CONTENDER VARIANT LINES FILE` prints one JSON object. A process of its own, so that no logger
// finds code that was optimised for another.
import { closeSync, createReadStream, openSync, readSync, rmSync, statSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { isLine } from './workload.mjs'

/** Enough of both for V8 to have compiled what there is to compile, also where its threads have to wait for a processor. */
const WARM_UP_LINES = 30_000
const WARM_UP_PROCESSOR_MS = 800
const MAX_WARM_UP_LINES = 900_000
/** Lines logged in one go, before the event loop has its turn, as a busy handler does. */
const LINES_PER_TURN = 100
const END_TIMEOUT_MS = 20_000
const REST_MS = 150

const [caseName, contender, variant, linesText, file] = process.argv.slice(2)
const lines = Number(linesText)
for (const name of [file, `${file}.errors`]) rmSync(name, { force: true })
const { open, read, variants } = await import(`./contenders/${contender}.mjs`)
const { log, run, close } = await open(caseName, variants(caseName)[variant], file)

async function logLines(from, to) {
  for (let i = from; i < to;) {
    for (const end = Math.min(to, i + LINES_PER_TURN); i < end; i++) log(i)
    await new Promise(setImmediate)
  }
}

let warmUpLines = 0
const result = await run(async () => {
  const startOfWarmUp = process.cpuUsage()
  do {
    await logLines(warmUpLines, warmUpLines + WARM_UP_LINES)
    warmUpLines += WARM_UP_LINES
  } while (processorMsSince(startOfWarmUp) < WARM_UP_PROCESSOR_MS && warmUpLines < MAX_WARM_UP_LINES)
  // What a logger holds back of the warm-up would count as work of the lines after it.
  if (caseName !== 'disabled') await waitForRest()
  const processor = process.cpuUsage()
  const startMs = performance.now()
  await logLines(warmUpLines, warmUpLines + lines)
  await close()
  if (caseName !== 'disabled') await waitForTheEnd()
  const elapsedMs = performance.now() - startMs
  const { user, system } = process.cpuUsage(processor)
  return { nsPerLine: (elapsedMs * 1e6) / lines, processorNsPerLine: ((user + system) * 1000) / lines }
})

if (caseName !== 'disabled') {
  await check()
  result.bytesPerLine = statSync(file).size / (lines + warmUpLines)
}
for (const name of [file, `${file}.errors`]) rmSync(name, { force: true })
process.stdout.write(`${JSON.stringify(result)}\n`)

/** The time counts until the last byte is in the file, also for loggers whose end comes too early: looked at by its last byte only. */
async function waitForTheEnd() {
  const deadlineMs = performance.now() + END_TIMEOUT_MS
  for (let size = -1; performance.now() < deadlineMs;) {
    const now = statSync(file).size
    if (now === size) return
    if (lastByte(now) === 10) size = now
    await new Promise(setImmediate)
  }
}

function lastByte(size) {
  const fd = openSync(file, 'r')
  const byte = Buffer.alloc(1)
  readSync(fd, byte, 0, 1, Math.max(0, size - 1))
  closeSync(fd)
  return byte[0]
}

/** Until the file has not grown for a while. */
async function waitForRest() {
  for (let size = -1; size !== statSync(file).size;) {
    size = statSync(file).size
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
  }
}

function processorMsSince(start) {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

/** Every line is there, once, in order, and says what it has to say. */
async function check() {
  let next = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const found = read(line)
    if (found === undefined) continue
    if (found !== null && !isLine(caseName, next, found))
      throw new Error(`${contender} ${variant}: line ${next} of ${caseName} is wrong: ${line}`)
    next++
  }
  if (next !== lines + warmUpLines)
    throw new Error(
      `${contender} ${variant}: ${next} of ${lines + warmUpLines} lines of ${caseName} are in the file`,
    )
}
