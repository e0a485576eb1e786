import { types } from 'node:util'
import { classNameOf } from './errors-of-values.ts'
import type { Collection } from './value-encoder.ts'

/**
 * Objects that are more than their keys: as text, or as a collection to go through; undefined for all others. Binary data is
 * never written, only its size: it is unreadable, long, and nothing could be found in it to redact.
 */
export function describeSpecial(value: object): string | Collection | undefined {
  if (Array.isArray(value)) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  // The usual case first.
  if (prototype === Object.prototype || prototype === null) return undefined
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? '[invalid date]' : value.toISOString()
  if (types.isMap(value)) return { items: value, isPairs: true }
  if (types.isSet(value)) return { items: value, isPairs: false }
  if (ArrayBuffer.isView(value)) return `[${classNameOf(value) ?? 'bytes'}, ${value.byteLength} bytes]`
  if (types.isAnyArrayBuffer(value))
    return `[${classNameOf(value) ?? 'ArrayBuffer'}, ${value.byteLength} bytes]`
  if (types.isRegExp(value)) return String(value)
  if (types.isPromise(value)) return '[Promise]'
  if (types.isWeakMap(value) || types.isWeakSet(value) || value instanceof WeakRef)
    return `[${classNameOf(value) ?? 'weak'}]`
  if (types.isBoxedPrimitive(value)) return String(value.valueOf())
  if (value instanceof URLSearchParams || isHeaders(value)) return { items: value, isPairs: true }
  return undefined
}

/** The Headers of fetch keep their content out of reach of Object.keys. */
function isHeaders(value: object): value is Iterable<[string, string]> & object {
  return typeof Headers !== 'undefined' && value instanceof Headers
}
