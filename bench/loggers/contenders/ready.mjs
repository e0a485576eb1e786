// No logger: copies lines that are ready into a buffer and writes that, synchronously, when it is full. What remains when all the rest is free.
import { closeSync, openSync, writeSync } from 'node:fs'
import { CONTEXT, WORK } from '../workload.mjs'

const BUFFER_BYTES = 64 * 1024
const LINES = 4096

export function variants() {
  return { default: {} }
}

export async function open(caseName, _options, file) {
  const { message, fields, hasContext } = WORK[caseName]
  const lines = Array.from({ length: LINES }, (_, i) => {
    const head = {
      timestamp: '2025-11-11T22:30:45.123456Z',
      level: 'INFO',
      logger: 'job_processor',
      message: message(i),
    }
    const site = { module: null, function: null, line: null }
    // Through a Buffer: one piece, as a line that is ready has to be.
    return Buffer.from(
      `${JSON.stringify({ ...head, ...site, ...(hasContext ? CONTEXT : {}), ...fields(i) })}\n`,
    ).toString()
  })
  const fd = openSync(file, 'a')
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES + 4096)
  let used = 0
  const flush = () => {
    writeSync(fd, buffer, 0, used)
    used = 0
  }
  return {
    log(i) {
      used += buffer.write(lines[i % LINES], used)
      if (used >= BUFFER_BYTES) flush()
    },
    run: (fn) => fn(),
    async close() {
      flush()
      closeSync(fd)
    },
  }
}

/** The numbers of its lines repeat: only that they are whole is checked. */
export function read(line) {
  JSON.parse(line)
  return null
}
