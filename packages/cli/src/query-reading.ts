import type { QueryReading } from '@pixsim7/protocol/client'
import type { Console } from './output/console.ts'
import { printable } from './output/printable.ts'
import { textWidth } from './output/table.ts'

/** Says when a query was not understood and therefore searched as text, with a caret below the place. */
export function sayReading(reading: QueryReading | null, q: string, console: Console): void {
  const problem = reading?.problem
  if (problem === undefined || problem === null) return
  // Escapes take more characters than what they stand for.
  const before = textWidth(printable(q.slice(0, problem.offset)))
  console.say(
    `The query was searched as text: ${problem.message}\n  ${printable(q)}\n  ${' '.repeat(before)}^`,
  )
}
