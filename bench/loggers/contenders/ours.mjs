import { closeLogging, getLogger, LogContext, setupLogging } from '@pixsim7/logging'
import { CONTEXT, WORK } from '../workload.mjs'

/**
 * `noRedaction` is no setting to recommend: it shows what redaction costs. With `hook` the program runs under @pixsim7/logging/register, which
 * writes the places of calls into this file.
 */
export function variants(caseName) {
  if (caseName === 'specification') return { default: {}, noRedaction: { redaction: { isEnabled: false } } }
  if (caseName === 'callsite')
    return { hook: { callSite: 'always' }, runTime: { callSite: 'always' }, without: { callSite: 'off' } }
  return { default: {} }
}

export async function open(caseName, options, file) {
  const { hasContext, message, fields } = WORK[caseName]
  setupLogging({
    component: 'bench',
    file,
    errorFile: `${file}.errors`,
    json: caseName !== 'plain',
    console: 'off',
    callSite: 'off',
    env: {},
    // A disk that hangs for a moment costs no line here, as with peers, whose memory has no limit.
    memoryBytes: 512 * 1024 * 1024,
    ...options,
  })
  const plain = getLogger('job_processor')
  const logger = caseName === 'child' ? plain.with(CONTEXT) : plain
  const inContext = hasContext && caseName !== 'child'
  return {
    log:
      caseName === 'disabled'
        ? (i) => logger.debug(message(i), fields(i))
        : (i) => logger.info(message(i), fields(i)),
    run: inContext ? (fn) => LogContext.run(CONTEXT, fn) : (fn) => fn(),
    close: closeLogging,
  }
}

/** The library's own first line is no line of the benchmark. */
export function read(line) {
  if (line.includes('pixsim7.logging')) return undefined
  return line[0] === '{' ? JSON.parse(line) : line
}
