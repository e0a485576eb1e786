import log4js from 'log4js'
import { isoMicroseconds } from '../time.mjs'
import { CONTEXT, WORK } from '../workload.mjs'

/** Knows call sites as text of a stack only. */
export function variants(caseName) {
  if (caseName === 'callsite') return {}
  return { default: {} }
}

export async function open(caseName, _options, file) {
  const { hasContext, message, fields } = WORK[caseName]
  // log4js has no JSON of its own.
  log4js.addLayout('json', () => ({ level, categoryName, context, data: [text, more] }) => {
    const rest = { ...context, ...more }
    if (rest.error instanceof Error) rest.error = { message: rest.error.message, stack: rest.error.stack }
    return JSON.stringify({
      timestamp: isoMicroseconds(),
      level: level.levelStr,
      logger: categoryName,
      message: text,
      ...rest,
    })
  })
  log4js.addLayout('plain', () => ({ startTime, level, categoryName, context, data: [text, more] }) => {
    const pairs = Object.entries({ ...context, ...more }).map(([key, value]) => `${key}=${value}`)
    return `${startTime.toISOString().slice(0, 19)} - ${categoryName} - ${level.levelStr} - ${text} | ${pairs.join(' ')}`
  })
  log4js.configure({
    appenders: {
      file: { type: 'file', filename: file, layout: { type: caseName === 'plain' ? 'plain' : 'json' } },
    },
    categories: { default: { appenders: ['file'], level: 'info' } },
  })
  const logger = log4js.getLogger('job_processor')
  if (hasContext) for (const [key, value] of Object.entries(CONTEXT)) logger.addContext(key, value)
  return {
    log:
      caseName === 'disabled'
        ? (i) => logger.debug(message(i), fields(i))
        : (i) => logger.info(message(i), fields(i)),
    run: (fn) => fn(),
    close: () =>
      new Promise((resolve, reject) => log4js.shutdown((error) => (error ? reject(error) : resolve()))),
  }
}

export const read = (line) => (line[0] === '{' ? JSON.parse(line) : line)
