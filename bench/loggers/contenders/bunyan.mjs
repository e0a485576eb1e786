import { createWriteStream } from 'node:fs'
import bunyan from 'bunyan'
import { CONTEXT, WORK } from '../workload.mjs'

export function variants(caseName) {
  return caseName === 'plain' ? {} : { default: {} }
}

export async function open(caseName, _options, file) {
  const { hasContext, message, fields } = WORK[caseName]
  const stream = createWriteStream(file, { flags: 'a' })
  const root = bunyan.createLogger({
    name: 'job_processor',
    level: 'info',
    src: caseName === 'callsite',
    streams: [{ stream }],
    serializers: { error: bunyan.stdSerializers.err },
  })
  // True: simple fields, no serializers to run; bunyan's fast way.
  const logger = hasContext ? root.child(CONTEXT, true) : root
  return {
    log:
      caseName === 'disabled'
        ? (i) => logger.debug(fields(i), message(i))
        : (i) => logger.info(fields(i), message(i)),
    run: (fn) => fn(),
    close: () => new Promise((resolve) => stream.end(resolve)),
  }
}

export function read(line) {
  const { msg, ...rest } = JSON.parse(line)
  return { ...rest, message: msg }
}
