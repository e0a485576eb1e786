import { isError } from '../core/errors-of-values.ts'
import { judgeKey, KEY_HARMLESS } from '../redaction/sensitive-keys.ts'

const PLACEHOLDER = /%[sdfijoO%]/g

/** How much of an object gets into a message; the limits of the line come on top. */
const MAX_OBJECT_CHARACTERS = 10_000

/**
 * A message with its placeholders filled in as pino does it (`%s %d %f %i %j %o %O %%`), and the arguments that had none. Secrets by key
 * are taken out of objects here, since redaction sees nothing but their text afterwards. Never throws.
 */
export function formatMessage(
  message: string,
  args: readonly unknown[],
): { readonly text: string; readonly rest: readonly unknown[] } {
  if (args.length === 0 || !message.includes('%')) return { text: message, rest: args }
  let used = 0
  const text = message.replace(PLACEHOLDER, (placeholder) => {
    if (placeholder === '%%') return '%'
    if (used >= args.length) return placeholder
    const value = args[used]
    const isNumber = placeholder === '%d' || placeholder === '%f' || placeholder === '%i'
    used++
    if (value === undefined || (value === null && isNumber))
      return placeholder === '%s' ? 'undefined' : placeholder
    try {
      if (isNumber) return String(placeholder === '%i' ? Math.floor(Number(value)) : Number(value))
      return placeholder === '%s' ? textOf(value) : objectOf(value)
    } catch {
      // A symbol as a number, an object whose toString throws.
      return '[unreadable]'
    }
  })
  return { text, rest: args.slice(used) }
}

/** As String does it, but for objects, of which that would tell nothing. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null && !isError(value) ? objectOf(value) : String(value)
}

function objectOf(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'function') return value.name || '<anonymous>'
  if (isError(value)) return String(value)
  const json = JSON.stringify(value, (key, item: unknown) => {
    if (key !== '' && judgeKey(key) !== KEY_HARMLESS) return '[redacted]'
    return typeof item === 'bigint' ? String(item) : isError(item) ? String(item) : item
  })
  const text = json ?? String(value)
  return text.length > MAX_OBJECT_CHARACTERS ? `${text.slice(0, MAX_OBJECT_CHARACTERS)}…` : text
}
