import { classNameOf, headlineOf, isError, readText } from './errors-of-values.ts'
import { cutText } from './limits.ts'
import { ValueEncoder } from './value-encoder.ts'
import type { Redactor } from '../redaction/redactor.ts'
import { mapStackLine } from './source-position.ts'

/** Causes and aggregated errors of one error that are followed. */
const MAX_RELATED = 10
const MAX_CHARACTERS = 64 * 1024
const MAX_FACTS = 20

/** An axios error brings its request, its socket and its agent along: of those a few keys are enough. */
const FACT_LIMITS = {
  maxDepth: 3,
  maxKeys: 20,
  maxItems: 10,
  maxTextCharacters: 1024,
  maxLineCharacters: 4096,
}

const SHOWN_ELSEWHERE = new Set(['name', 'message', 'stack', 'cause', 'errors'])

/**
 * The `exception` of a record: for each error its name, message and stack, its own properties (`code`, `errno`), then its
 * causes and, of an AggregateError, the errors in it. Lines are separated by `\n`. Never throws and never touches the
 * errors. Redacted and bounded.
 */
export function describeErrors(errors: readonly object[], redactor: Redactor): string {
  const encoder = new ValueEncoder(redactor, FACT_LIMITS)
  const lines: string[] = []
  const seen = new Set<object>()
  for (const error of errors) describe(error, '', lines, seen, encoder)
  return cutText(redactor.text(cutText(lines.join('\n'), MAX_CHARACTERS * 2)), MAX_CHARACTERS)
}

function describe(
  error: object,
  prefix: string,
  lines: string[],
  seen: Set<object>,
  encoder: ValueEncoder,
): void {
  if (seen.has(error)) {
    if (prefix !== '') lines.push(`${prefix}[circular] ${headlineOf(error)}`)
    return
  }
  if (seen.size >= MAX_RELATED) {
    lines.push(`${prefix}[cut] ${headlineOf(error)}`)
    return
  }
  seen.add(error)
  lines.push(prefix + headlineOf(error), ...framesOf(error), ...factsOf(error, encoder))
  const cause = readAny(error, 'cause')
  if (isError(cause)) describe(cause, 'Caused by: ', lines, seen, encoder)
  else if (cause !== undefined && cause !== null) {
    encoder.start()
    lines.push(`Caused by: ${encoder.member(encoder.ruleOf('cause'), cause) ?? ''}`)
  }
  const inner = readAny(error, 'errors')
  if (!Array.isArray(inner)) return
  inner.slice(0, MAX_RELATED).forEach((item: unknown, index) => {
    if (isError(item)) describe(item, `Error ${index + 1} of ${inner.length}: `, lines, seen, encoder)
  })
}

function readAny(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key]
  } catch {
    // A throwing getter costs this property only.
    return undefined
  }
}

/** The stack without its first line, which may tell an older name or message than the error has now. */
function framesOf(error: object): string[] {
  const stack = readText(error, 'stack')
  if (stack === undefined) return []
  const message = readText(error, 'message') ?? ''
  const place = message === '' ? -1 : stack.indexOf(message)
  const rest = place === -1 ? stack : stack.slice(place + message.length)
  const start = rest.search(/\n\s+at /)
  return start === -1
    ? []
    : rest
        .slice(start + 1, start + MAX_CHARACTERS)
        .split('\n')
        .map(mapStackLine)
}

/** Own properties, one to a line. */
function factsOf(error: object, encoder: ValueEncoder): string[] {
  const facts: string[] = []
  let keys: string[]
  try {
    keys = Object.keys(error)
  } catch {
    // A proxy that refuses; what could be read is in the headline.
    return [`  [unreadable: ${classNameOf(error) ?? 'object'}]`]
  }
  encoder.start()
  for (const key of keys) {
    if (SHOWN_ELSEWHERE.has(key)) continue
    if (facts.length >= MAX_FACTS) {
      facts.push(`  [cut, ${keys.length} properties]`)
      break
    }
    const json = encoder.member(encoder.ruleOf(key), readAny(error, key))
    if (json !== undefined) facts.push(`  ${key}: ${json}`)
  }
  return facts
}
