import { types } from 'node:util'

/** Whether a value is an Error, also of another realm; false for what cannot even be asked (a revoked proxy). */
export function isError(value: unknown): value is Error {
  if (typeof value !== 'object' || value === null) return false
  try {
    return types.isNativeError(value) || value instanceof Error
  } catch {
    // A revoked or throwing proxy: the encoder will say so in its place.
    return false
  }
}

/**
 * Whether a value is an object literal (or one without prototype) and no error whose prototype was replaced. Asking for the prototype
 * is ten times as fast as isError, and answers for almost all objects there are.
 *
 * @throws What a proxy throws that is asked for its prototype.
 */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !('stack' in value && isError(value))
}

/** A property as text; undefined when it is none or cannot be read. Never throws. */
export function readText(value: object, key: string): string | undefined {
  try {
    const text: unknown = (value as Record<string, unknown>)[key]
    return typeof text === 'string' ? text : undefined
  } catch {
    // A throwing getter: its neighbours are still worth showing.
    return undefined
  }
}

/** `TypeError: message`. An error that never set its name is called by its class. Never throws. */
export function headlineOf(error: object): string {
  let name = readText(error, 'name') ?? 'Error'
  if (name === 'Error' || name === '') name = classNameOf(error) ?? 'Error'
  const message = readText(error, 'message') ?? ''
  return message === '' ? name : `${name}: ${message}`
}

/** The name of the class of an object; undefined for none. Never throws. */
export function classNameOf(value: object): string | undefined {
  try {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (typeof prototype !== 'object' || prototype === null) return undefined
    const constructor: unknown = (prototype as { constructor?: unknown }).constructor
    return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : undefined
  } catch {
    // Not to be asked; the caller has a word for it.
    return undefined
  }
}
