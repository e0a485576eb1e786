/** What stands where something was taken out because of its key or place. */
export const REDACTED = '[redacted]'

/** What stands where the redaction itself failed: then nothing of the value is shown. */
export const REDACTION_FAILED = '[redacted:error]'

/** The shapes told apart in the mark, `[redacted:jwt]`; those without a name of their own leave REDACTED. */
export type Shape = 'jwt' | 'credentials' | 'api_key' | 'private_key' | 'card' | 'iban' | 'email'

/** Parts of a text to be taken out: start and end offsets (end excluded) and the mark to put there. */
export class Spans {
  readonly #found: { start: number; end: number; mark: string }[] = []

  add(start: number, end: number, shape?: Shape | { readonly name: string }): void {
    const name = typeof shape === 'object' ? shape.name : shape
    this.#found.push({ start, end, mark: name === undefined ? REDACTED : `[redacted:${name}]` })
  }

  get count(): number {
    return this.#found.length
  }

  /** The text with every part replaced. Parts that overlap become one, under the mark of the first. */
  apply(text: string): string {
    if (this.#found.length === 0) return text
    this.#found.sort((a, b) => a.start - b.start || b.end - a.end)
    let result = ''
    let position = 0
    for (const { start, end, mark } of this.#found) {
      if (start < position) {
        if (end > position) position = end
        continue
      }
      result += text.slice(position, start) + mark
      position = end
    }
    return result + text.slice(position)
  }
}

/** True where the text already holds one of our marks. */
export function isMarkAt(text: string, index: number): boolean {
  return text.startsWith('[redacted', index)
}
