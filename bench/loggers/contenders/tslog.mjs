import { Logger } from 'tslog'
import { fileTransport } from 'tslog/transports/file'
import { CONTEXT, WORK } from '../workload.mjs'

export function variants(caseName) {
  return caseName === 'plain' ? {} : { default: {} }
}

export async function open(caseName, _options, file) {
  const { hasContext, message, fields } = WORK[caseName]
  const logger = new Logger({
    type: 'hidden',
    name: 'job_processor',
    minLevel: 'INFO',
    stack: { capture: caseName === 'callsite' ? 'full' : 'off' },
    ...(hasContext ? { bindings: CONTEXT } : {}),
  })
  const transport = fileTransport({ path: file, append: true })
  logger.attachTransport(transport)
  return {
    log:
      caseName === 'disabled'
        ? (i) => logger.debug(message(i), fields(i))
        : (i) => logger.info(message(i), fields(i)),
    run: (fn) => fn(),
    close: () => logger[Symbol.asyncDispose](),
  }
}

export const read = (line) => JSON.parse(line)
