/** Nothing is said about what takes less: a start without anything to read takes about a second. */
const SILENT_MS = 1500
const INTERVAL_MS = 200

/**
 * Tells on stderr what the user waits for, when it takes a while: on a terminal one line that changes and
 * disappears, elsewhere one line for each text.
 */
export class Progress {
  readonly #startedAtMs = performance.now()
  readonly #isTerminal = process.stderr.isTTY === true
  #text = ''
  #shown = ''
  readonly #timer: NodeJS.Timeout

  constructor(text: string) {
    this.#text = text
    this.#timer = setInterval(() => this.#show(), INTERVAL_MS).unref()
  }

  /** @param detail what changes often; shown on terminals only */
  update(text: string, detail = ''): void {
    this.#text = this.#isTerminal ? `${text}${detail}` : text
  }

  end(): void {
    clearInterval(this.#timer)
    if (this.#isTerminal && this.#shown !== '') process.stderr.write('\r\u001b[K')
  }

  #show(): void {
    if (performance.now() - this.#startedAtMs < SILENT_MS || this.#text === this.#shown) return
    this.#shown = this.#text
    process.stderr.write(this.#isTerminal ? `\r\u001b[K${this.#text}` : `${this.#text}\n`)
  }
}
