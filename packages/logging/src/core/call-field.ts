import type { BoundFields } from './bound-fields.ts'

/**
 * The value of a field of a call as text: of the call itself, else of its logger, else of the context. Undefined when there is none, or
 * when it is no text, number or boolean. Never throws.
 */
export function fieldOfCall(
  field: string,
  context: BoundFields | undefined,
  bound: BoundFields | undefined,
  first: unknown,
  second: unknown,
  rest: readonly unknown[],
): string | undefined {
  const value = valueOfCall(field, first, second, rest) ?? bound?.fields[field] ?? context?.fields[field]
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value)
    default:
      // Among them what every object has by itself, `constructor`.
      return undefined
  }
}

function valueOfCall(field: string, first: unknown, second: unknown, rest: readonly unknown[]): unknown {
  try {
    for (const more of rest) {
      const value = ownValue(more, field)
      if (value !== undefined) return value
    }
    return ownValue(second, field) ?? ownValue(first, field)
  } catch {
    // A getter or proxy that throws: its line says so, if it is written.
    return undefined
  }
}

function ownValue(holder: unknown, field: string): unknown {
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, field)
    ? (holder as Record<string, unknown>)[field]
    : undefined
}
