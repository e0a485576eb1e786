import { getFileSink } from '@logtape/file'
import { configure, dispose, getJsonLinesFormatter, getLogger, getTextFormatter } from '@logtape/logtape'
import { CONTEXT, WORK } from '../workload.mjs'

/** Knows no call sites. */
export function variants(caseName) {
  if (caseName === 'callsite') return {}
  return {
    default: {},
    buffer64k: { bufferSize: 64 * 1024 },
    nonBlocking: { nonBlocking: true },
    nonBlocking64k: { nonBlocking: true, bufferSize: 64 * 1024 },
  }
}

export async function open(caseName, options, file) {
  const { hasContext, message, fields } = WORK[caseName]
  const formatter =
    caseName === 'plain'
      ? getTextFormatter({
          format: ({ timestamp, category, level, message: text, record }) =>
            `${timestamp} - ${category} - ${level} - ${text} | ${Object.entries(record.properties)
              .map(([key, value]) => `${key}=${value}`)
              .join(' ')}`,
        })
      : getJsonLinesFormatter({ properties: 'flatten' })
  await configure({
    sinks: { file: getFileSink(file, { formatter, ...options }) },
    loggers: [
      { category: [], sinks: ['file'], lowestLevel: 'info' },
      { category: ['logtape', 'meta'], lowestLevel: 'error' },
    ],
  })
  const root = getLogger(['job_processor'])
  const logger = hasContext ? root.with(CONTEXT) : root
  return {
    log:
      caseName === 'disabled'
        ? (i) => logger.debug(message(i), fields(i))
        : (i) => logger.info(message(i), fields(i)),
    run: (fn) => fn(),
    close: dispose,
  }
}

export const read = (line) => (line[0] === '{' ? JSON.parse(line) : line)
