/** A framed list of headings and values. */

const TERMINAL_DEFAULT_COLUMNS = 80

/** A row; without a heading its values go on below the former row. */
export type BoxRow = readonly [heading: string, ...values: string[]]

/** Draws `rows` under `title`. Where the frame would be wider than `columns` the rows stand without one, so that they can be copied whole. */
export function drawBox(title: string, rows: readonly BoxRow[], columns = TERMINAL_DEFAULT_COLUMNS): string {
  const width = Math.max(...rows.map(([heading]) => heading.length))
  const lines = rows.flatMap(([heading, ...values]) =>
    values.map((value, index) => `${(index === 0 ? heading : '').padEnd(width)}  ${value}`),
  )
  const inner = Math.max(title.length, ...lines.map((line) => line.length))
  if (inner + 4 > columns) return [title, '', ...lines.map((line) => `  ${line}`)].join('\n')
  const framed = [title, '', ...lines].map((line) => `│ ${line.padEnd(inner)} │`)
  return [`┌${'─'.repeat(inner + 2)}┐`, ...framed, `└${'─'.repeat(inner + 2)}┘`].join('\n')
}
