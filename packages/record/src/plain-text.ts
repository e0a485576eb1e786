import { unicodeEscape } from './json-string.ts'

/**
 * Text inside a plain line: the logger's name, the message, a line of a stack. It stays as it is, for grep, but for
 * what would break the line or be read as something else. The whole rule:
 *
 * - a newline is written `\n`; other control characters but the tab, U+2028, U+2029, marks that turn the direction of
 *   text, and half surrogate pairs are written `\uXXXX`;
 * - a backslash is written `\u005c`, but only where it would otherwise read as one of these two: `C:\temp` stays,
 *   `C:\new` becomes `C:\u005cnew`;
 * - in a message, the bar of ` | ` is written `\u007c` where a field seems to follow, and in a logger's name the dash
 *   of ` - ` is written `\u002d`.
 */
const NEEDS_ESCAPE =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]|\\(?=n|u[0-9a-f]{4})|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const ESCAPE = /\\(?:n|u([0-9a-f]{4}))/g

/** Where fields may begin: a bar between spaces, then a key with its equals sign or a quoted key. */
const FIELDS_START = / \| (?="|[^\s"\\=|]+=)/

const FIELDS_STARTS = new RegExp(FIELDS_START, 'g')

/** Escapes one line of text: a stack line, or what escapeMessage and escapeLogger have in common. */
export function escapeText(text: string): string {
  return text.search(NEEDS_ESCAPE) === -1
    ? text
    : text.replace(NEEDS_ESCAPE, (character) => (character === '\n' ? '\\n' : unicodeEscape(character)))
}

/** Escapes a message, in which nothing may look like the beginning of the fields. */
export function escapeMessage(message: string): string {
  const text = escapeText(message)
  return text.includes(' | ') ? text.replace(FIELDS_STARTS, ' \\u007c ') : text
}

/** Escapes a logger's name, in which ` - ` would look like its end. */
export function escapeLogger(name: string): string {
  return escapeText(name).replace(/ -(?= )/g, ' \\u002d')
}

/** The text that was escaped; text of others, which holds no such escapes, as it is. */
export function unescapeText(text: string): string {
  return text.includes('\\')
    ? text.replace(ESCAPE, (_, code?: string) =>
        code === undefined ? '\n' : String.fromCharCode(parseInt(code, 16)),
      )
    : text
}

/** Index of the ` | ` after which fields may begin, in text as it stands in the line; -1 if there is none. */
export function indexOfFields(text: string): number {
  return text.search(FIELDS_START)
}
