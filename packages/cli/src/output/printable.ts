import { escapeJsonText } from '@pixsim7/record'

/**
 * Text of the log or of the outside world for a terminal: control characters, which terminals obey, and marks that turn
 * the direction of text are written as JSON writes them. One line in, one line out.
 */
export function printable(text: string): string {
  return escapeJsonText(
    text.replace(/[\u0000-\u001f]/g, (character) => JSON.stringify(character).slice(1, -1)),
  )
}

/** The same for text of several lines: line breaks stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** A value as one line of JSON that a terminal shows and does not obey. */
export function jsonLine(value: unknown): string {
  return escapeJsonText(JSON.stringify(value))
}

/** A value as a JSON document for people and programs. */
export function jsonDocument(value: unknown): string {
  return escapeJsonText(JSON.stringify(value, null, 2))
}
