/** The last lines a program printed, kept for the day it dies. */

/** Enough for a message and a stack; more would push the message out of a terminal window. */
const KEPT_LINES = 20
/** A longer line is cut; also the most that is held of a line without an end. */
const MAX_LINE_CHARACTERS = 2000

/** Control characters, which could move the cursor or change the terminal, shown as visible signs. */
function withoutControls(text: string): string {
  return text.replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\u2421'
  })
}

/** Colours make sense to the program's author only; cut them before the control characters are made visible. */
function withoutColours(text: string): string {
  return text.replaceAll(/\x1b\[[0-9;]*m/g, '')
}

/**
 * Splits what is written into lines. Each whole line goes to `onLine` first, as it came; those it does not claim by
 * returning true are kept.
 */
export class OutputTail {
  readonly #onLine: (line: string) => boolean
  readonly #lines: string[] = []
  #rest = ''

  constructor(onLine: (line: string) => boolean = () => false) {
    this.#onLine = onLine
  }

  write(text: string): void {
    const parts = (this.#rest + text).split('\n')
    this.#rest = (parts.pop() ?? '').slice(0, MAX_LINE_CHARACTERS)
    for (const part of parts) {
      const line = part.slice(0, MAX_LINE_CHARACTERS).replace(/\r$/, '')
      if (!this.#onLine(line)) this.#keep(line)
    }
  }

  /** The kept lines, oldest first, safe to print; the unfinished last one included. */
  lines(): readonly string[] {
    return this.#rest === ''
      ? [...this.#lines]
      : [...this.#lines, withoutControls(withoutColours(this.#rest))]
  }

  #keep(line: string): void {
    if (line.trim() === '') return
    this.#lines.push(withoutControls(withoutColours(line)))
    if (this.#lines.length > KEPT_LINES) this.#lines.shift()
  }
}
