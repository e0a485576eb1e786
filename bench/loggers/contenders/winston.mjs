import { createWriteStream } from 'node:fs'
import winston from 'winston'
import { isoMicroseconds } from '../time.mjs'
import { CONTEXT, WORK } from '../workload.mjs'

/** Knows no call sites. */
export function variants(caseName) {
  if (caseName === 'callsite') return {}
  return { file: { transport: 'file' }, stream: { transport: 'stream' } }
}

export async function open(caseName, { transport }, file) {
  const { hasContext, message, fields } = WORK[caseName]
  const line = winston.format.printf(({ level, message: text, ...rest }) => {
    if (caseName === 'plain') {
      const pairs = Object.entries(rest).map(([key, value]) => `${key}=${value}`)
      return `${isoMicroseconds().slice(0, 19)} - job_processor - ${level} - ${text} | ${pairs.join(' ')}`
    }
    if (rest.error instanceof Error) rest.error = { message: rest.error.message, stack: rest.error.stack }
    return JSON.stringify({
      timestamp: isoMicroseconds(),
      level,
      logger: 'job_processor',
      message: text,
      ...rest,
    })
  })
  const stream = transport === 'stream' ? createWriteStream(file, { flags: 'a' }) : undefined
  const target =
    stream === undefined
      ? new winston.transports.File({ filename: file })
      : new winston.transports.Stream({ stream })
  const logger = winston.createLogger({
    level: 'info',
    format: line,
    transports: [target],
    ...(hasContext ? { defaultMeta: CONTEXT } : {}),
  })
  return {
    log:
      caseName === 'disabled'
        ? (i) => logger.debug(message(i), fields(i))
        : (i) => logger.info(message(i), fields(i)),
    run: (fn) => fn(),
    async close() {
      // To end it before it has written what it holds is an error ("write after end") or loses lines.
      while (logger.writableLength > 0 || target.writableLength > 0) await new Promise(setImmediate)
      await new Promise((resolve) => {
        target.on('finish', () => (stream === undefined ? resolve() : stream.end(resolve)))
        logger.end()
      })
    },
  }
}

export const read = (line) => (line[0] === '{' ? JSON.parse(line) : line)
