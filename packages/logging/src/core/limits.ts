/** How much of a value gets into a line. What is cut is marked in the line with how much there was. */
export interface Limits {
  /** Nesting of objects and arrays. */
  readonly maxDepth: number
  /** Keys of one object, fields of one record. */
  readonly maxKeys: number
  /** Items of one array, Map or Set. */
  readonly maxItems: number
  /** Characters of one text, messages and stacks included. */
  readonly maxTextCharacters: number
  /** Characters of all fields of one record together. */
  readonly maxLineCharacters: number
}

/**
 * Large enough that a line of 200 kB passes whole; small enough that one careless `{ body }` costs a millisecond, not a
 * second, and that a reader can hold a line in memory.
 */
export const DEFAULT_LIMITS: Limits = {
  maxDepth: 8,
  maxKeys: 1000,
  maxItems: 1000,
  maxTextCharacters: 256 * 1024,
  maxLineCharacters: 1024 * 1024,
}

/**
 * `text` cut to `maxCharacters`, never inside a surrogate pair, with a mark that tells the whole length, which is that
 * of `text` unless it is only the beginning of a longer one.
 */
export function cutText(text: string, maxCharacters: number, wholeLength = text.length): string {
  if (wholeLength <= maxCharacters) return text
  const last = text.charCodeAt(maxCharacters - 1)
  const end = last >= 0xd800 && last <= 0xdbff ? maxCharacters - 1 : maxCharacters
  return `${text.slice(0, end)}…[cut, ${wholeLength} characters]`
}
