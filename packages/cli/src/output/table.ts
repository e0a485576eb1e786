/** A column of a table. */
export interface Column {
  readonly title: string
  /** Numbers stand to the right; default left. */
  readonly align?: 'left' | 'right'
  /** Cut when the table is wider than the terminal; the widest of them first. */
  readonly isFlexible?: boolean
}

const GAP = '  '
/** A flexible column never gets narrower: then the table is wider than the terminal. */
const LEAST_FLEXIBLE_WIDTH = 12

/**
 * Rows as aligned lines, the titles first unless all are empty. Cells must be printable.
 *
 * @param width of the terminal in characters; Infinity: nothing is cut
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const titles = columns.map(({ title }) => title)
  const all = titles.every((title) => title === '') ? rows : [titles, ...rows]
  const widths = columns.map((_, index) => Math.max(...all.map((row) => textWidth(row[index] ?? '')), 0))
  shrink(columns, widths, width)
  return all.map((row) =>
    columns
      .map(({ align }, index) => {
        const cell = cut(row[index] ?? '', widths[index] ?? 0)
        const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - textWidth(cell)))
        return align === 'right' ? padding + cell : cell + padding
      })
      .join(GAP)
      .trimEnd(),
  )
}

function shrink(columns: readonly Column[], widths: number[], width: number): void {
  const gaps = GAP.length * (columns.length - 1)
  const flexible = columns.flatMap(({ isFlexible }, index) => (isFlexible ? [index] : []))
  for (let excess = widths.reduce((sum, cells) => sum + cells, gaps) - width; excess > 0; excess--) {
    const widest = flexible.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a), flexible[0] ?? -1)
    const cells = widths[widest]
    if (cells === undefined || cells <= LEAST_FLEXIBLE_WIDTH) return
    widths[widest] = cells - 1
  }
}

/** Cells a terminal takes for the text: two for East Asian wide characters and emoji, none for combining marks. */
export function textWidth(text: string): number {
  let width = 0
  for (const character of text) {
    if (/\p{M}|\u200d|\ufe0f/u.test(character)) continue
    width += WIDE.test(character) ? 2 : 1
  }
  return width
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u

/** The text, or its beginning with an ellipsis, in at most `width` cells. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let result = ''
  let used = 1
  for (const character of text) {
    used += textWidth(character)
    if (used > width) break
    result += character
  }
  return `${result}…`
}
