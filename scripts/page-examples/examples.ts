/** The examples of a page: TypeScript blocks marked Good or Bad, each followed by a text block with what it prints. */

export interface Example {
  /** Title of its section, and `good` or `bad`. */
  readonly section: string
  readonly kind: 'good' | 'bad'
  readonly source: string
  /** As the page shows it. */
  readonly printed: string
}

/** More lines than these are shown by their first ones and an ellipsis. */
const MANY_LINES = 20
const SHOWN_OF_MANY = 3
export const ELLIPSIS = '…'

const PRELUDE = /All begin with these lines:\n\n```ts\n([\s\S]*?)```/
const EXAMPLE =
  /(\*\*(Good|Bad)\*\*[^`]*(?:`[^`\n]+`[^`]*)*```ts\n)([\s\S]*?)(```\n\n```text\n)([\s\S]*?)(```)/g

/** The lines all examples of the page begin with. @throws Error when the page has none */
export function readPrelude(page: string): string {
  const prelude = PRELUDE.exec(page)?.[1]
  if (prelude === undefined) throw new Error('The page says nowhere how all examples begin')
  return prelude
}

/** All examples, in the order of the page. */
export function readExamples(page: string): Example[] {
  return page.split(/^## /m).flatMap((text) => {
    const section = text.split('\n', 1)[0] ?? ''
    return [...text.matchAll(EXAMPLE)].map(([, , word = '', source = '', , printed = '']) => ({
      section,
      kind: word === 'Good' ? ('good' as const) : ('bad' as const),
      source,
      printed,
    }))
  })
}

/** The page with what the examples print replaced by `outputs`, in the order of readExamples. */
export function withOutputs(page: string, outputs: readonly string[]): string {
  let index = 0
  return page.replaceAll(
    EXAMPLE,
    (_all, before: string, _word, source: string, between: string, _old, end: string) => {
      return before + source + between + shorten(outputs[index++] ?? '') + end
    },
  )
}

function shorten(output: string): string {
  const lines = output.split('\n').slice(0, -1)
  const shown = lines.length > MANY_LINES ? [...lines.slice(0, SHOWN_OF_MANY), ELLIPSIS] : lines
  return shown.map((line) => `${line}\n`).join('')
}
