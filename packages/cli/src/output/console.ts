import { once } from 'node:events'
import { coloured } from './entry-line.ts'
import { formatCount } from './numbers.ts'
import { printableLines } from './printable.ts'

/** How wide a terminal is taken to be when it does not say. */
const DEFAULT_COLUMNS = 80

/** Where a command puts what it has: data on stdout, words on stderr. */
export class Console {
  readonly isColoured: boolean
  /** Characters of a line of stdout's terminal; Infinity where stdout is none. */
  readonly columns: number
  readonly isTerminal: boolean

  constructor(options: { readonly isColourWanted: boolean }) {
    this.isTerminal = process.stdout.isTTY === true
    this.columns = this.isTerminal ? process.stdout.columns || DEFAULT_COLUMNS : Infinity
    this.isColoured =
      this.isTerminal && options.isColourWanted && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'
  }

  /** Writes lines of data; resolves when there is room for more. */
  async print(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return
    if (!process.stdout.write(`${lines.join('\n')}\n`)) await once(process.stdout, 'drain')
  }

  /** A number: for people on a terminal, `1,234`; for programs elsewhere, `1234`. */
  number(value: number): string {
    return this.isTerminal ? formatCount(value) : String(value)
  }

  /** Says something to the user; line breaks stay, other control characters do not. */
  say(text: string): void {
    process.stderr.write(`${printableLines(text)}\n`)
  }

  /** The text in a colour, where colours are shown; `parameters` are those of the escape sequence. */
  coloured(text: string, parameters: string): string {
    return this.isColoured ? coloured(text, parameters) : text
  }

  /** Faint: what frames the data. */
  dim(text: string): string {
    return this.coloured(text, '2')
  }

  /** Lines of a table, the first one faint. */
  withFaintTitle([title, ...rows]: readonly string[]): string[] {
    return title === undefined ? [] : [this.dim(title), ...rows]
  }
}

/**
 * Makes a closed pipe the end of the program, with success: `pixlogs search … | head` has what it wanted. Without a
 * reader of stderr the words are lost, and nothing else.
 */
export function endWithClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    process.stderr.write(`pixlogs: cannot write to standard output: ${error.message}\n`)
    process.exit(2)
  })
  process.stderr.on('error', () => {})
}
