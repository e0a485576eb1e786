import { AsyncLocalStorage } from 'node:async_hooks'
import pino from 'pino'
import { isoMicroseconds } from '../time.mjs'
import { CONTEXT, WORK } from '../workload.mjs'

/** Keys that our rules take out too; pino has to be told them, by path. */
const KEYS = ['password', 'token', 'secret', 'authorization', 'api_key', 'cookie', 'card_number', 'email']
const REDACTION = { none: undefined, flat: KEYS, nested: [...KEYS, ...KEYS.map((key) => `*.${key}`)] }

const DESTINATIONS = {
  sync: { sync: true },
  sync4096: { sync: true, minLength: 4096 },
  sync16000: { sync: true, minLength: 16000 },
  async: { sync: false },
  async4096: { sync: false, minLength: 4096 },
  async16000: { sync: false, minLength: 16000 },
}

/** The grid: destination, context by child or by mixin, redaction. */
export function variants(caseName) {
  const all = {}
  const contexts = caseName === 'specification' ? ['child', 'mixin'] : ['child']
  const redactions = caseName === 'specification' ? ['none', 'flat', 'nested'] : ['none']
  for (const redaction of redactions)
    for (const context of contexts)
      for (const destination of Object.keys(DESTINATIONS))
        all[`${redaction}/${context}/${destination}`] = { redaction, context, destination }
  return caseName === 'plain' ? {} : all
}

export async function open(caseName, { redaction, context, destination }, file) {
  const { hasContext, message, fields } = WORK[caseName]
  const storage = new AsyncLocalStorage()
  const sink = pino.destination({ dest: file, ...DESTINATIONS[destination] })
  const isSpecified = caseName === 'specification' || caseName === 'callsite'
  const mixin =
    caseName === 'callsite' ? () => callSite() : context === 'mixin' ? () => storage.getStore() : undefined
  const root = pino(
    {
      base: null,
      messageKey: 'message',
      ...(isSpecified
        ? {
            timestamp: () => `,"timestamp":"${isoMicroseconds()}"`,
            formatters: { level: (label) => ({ level: label.toUpperCase() }) },
          }
        : {}),
      ...(caseName === 'error' ? { serializers: { error: pino.stdSerializers.err } } : {}),
      ...(mixin === undefined ? {} : { mixin }),
      ...(REDACTION[redaction] === undefined ? {} : { redact: REDACTION[redaction] }),
    },
    sink,
  )
  const named = isSpecified ? root.child({ logger: 'job_processor' }) : root
  const logger = hasContext && context === 'child' ? named.child(CONTEXT) : named
  return {
    log:
      caseName === 'disabled'
        ? (i) => logger.debug(fields(i), message(i))
        : (i) => logger.info(fields(i), message(i)),
    run: context === 'mixin' ? (fn) => storage.run(CONTEXT, fn) : (fn) => fn(),
    close: () =>
      new Promise((resolve, reject) => {
        sink.on('close', resolve)
        sink.on('error', reject)
        sink.end()
      }),
  }
}

/** As pino's documentation and pino-caller do it: the frame above pino's own, from the text of a stack. */
function callSite() {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 12
  const stack = new Error().stack.split('\n')
  Error.stackTraceLimit = stackTraceLimit
  const frame = stack.slice(2).find((line) => !line.includes('node_modules/pino'))
  const match = /at (?:(\S+) )?\(?(?:.*[\\/])?([^\\/]+?)\.[^.]+:(\d+):\d+\)?$/.exec(frame ?? '')
  return { module: match?.[2] ?? null, function: match?.[1] ?? null, line: Number(match?.[3]) }
}

export const read = (line) => JSON.parse(line)
