// What the programs of the benchmark log, by the number of the line: the same for every logger.

const PROVIDERS = ['pixverse', 'sora', 'runway', 'kling']

const DEEP = {
  method: 'POST',
  path: '/api/v1/jobs',
  headers: {
    host: 'pixsim7.example',
    accept: 'application/json',
    'user-agent': 'curl/8.5.0',
    'content-length': 512,
  },
  body: {
    prompt: 'A cat on a surfboard',
    size: { width: 1280, height: 720 },
    stages: [
      { name: 'draft', seconds: 4, options: { seed: 7, quality: 'high' } },
      { name: 'final', seconds: 8, options: { seed: 9, quality: 'best' } },
    ],
  },
}

const LONG = 'He said "no"\n\tand went to C:\\temp, für immer; then nothing happened for a while. '.repeat(25)

function failure() {
  return new Error('Provider answered 502')
}
const ERRORS = Array.from({ length: 16 }, failure)

/** Fields of the context (or child logger) of a case, bound once. */
export const CONTEXT = { user_id: 1, job_id: 123 }

/**
 * Each case: the message and the fields of line `i`, whether the context is bound, and the level.
 * `fields` makes a new object at each call, as an application does.
 */
export const WORK = {
  specification: {
    hasContext: true,
    message: (i) => `Processing job #${i}`,
    fields: (i) => ({ duration_sec: i % 100, provider_id: PROVIDERS[i & 3] }),
  },
  smallest: {
    hasContext: false,
    message: () => 'Job completed',
    fields: (i) => ({ job_id: i, duration_sec: 45 }),
  },
  child: {
    hasContext: true,
    message: () => 'Job completed',
    fields: (i) => ({ attempt: i & 7, duration_ms: i % 1000 }),
  },
  deep: {
    hasContext: false,
    message: () => 'Request received',
    fields: (i) => ({ request: { ...DEEP, number: i } }),
  },
  error: {
    hasContext: false,
    message: () => 'Failed to submit job',
    fields: (i) => ({ job: i, error: ERRORS[i & 15] }),
  },
  long: {
    hasContext: false,
    message: () => 'Answer of the provider',
    fields: (i) => ({ answer: LONG, number: i }),
  },
  plain: {
    hasContext: true,
    message: (i) => `Processing job #${i}`,
    fields: (i) => ({ duration_sec: i % 100, provider_id: PROVIDERS[i & 3] }),
  },
}
WORK.callsite = WORK.specification
WORK.disabled = WORK.smallest

/**
 * Whether a line that was read back says what line `i` had to say: `read` is what the contender makes of it, an object with
 * all fields and the message under `message`; a text, for plain lines, has to contain everything.
 */
export function isLine(caseName, i, read) {
  const { message, fields, hasContext } = WORK[caseName]
  const wanted = { ...(hasContext ? CONTEXT : {}), ...fields(i) }
  if (typeof read === 'string') {
    return [message(i), ...Object.values(wanted).map(String)].every((part) => read.includes(part))
  }
  if (read.message !== message(i)) return false
  for (const [key, value] of Object.entries(wanted)) {
    if (value instanceof Error) {
      // Each logger has its own form of errors; what it was and where it happened has to be in it.
      const text = JSON.stringify(read)
      if (!text.includes(value.message) || !text.includes('workload.mjs')) return false
    } else if (JSON.stringify(read[key]) !== JSON.stringify(value)) return false
  }
  return true
}
