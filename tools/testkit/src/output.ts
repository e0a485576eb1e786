import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** Beyond this many characters the beginning is forgotten: a program in an endless loop must not fill the memory. */
const MAX_CHARACTERS = 64 * 1024 * 1024

/** What a program has printed on one stream so far. */
export class Output {
  #text = ''
  #open = ''
  readonly #onLine: (line: string) => void

  constructor(stream: Readable, onLine: (line: string) => void) {
    this.#onLine = onLine
    const decoder = new StringDecoder('utf8')
    stream.on('data', (chunk: Buffer) => this.#add(decoder.write(chunk)))
    stream.on('end', () => {
      this.#add(decoder.end())
      // The last line counts even without a newline.
      if (this.#open !== '') this.#onLine(this.#open)
    })
  }

  get text(): string {
    return this.#text
  }

  #add(text: string): void {
    this.#text = (this.#text + text).slice(-MAX_CHARACTERS)
    const lines = (this.#open + text).split('\n')
    this.#open = lines.pop() ?? ''
    for (const line of lines) this.#onLine(line)
  }
}
