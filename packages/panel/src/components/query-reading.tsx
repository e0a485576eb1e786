import type { QueryReading } from '@pixsim7/protocol/client'
import { visibleText } from '../format/visible-text.ts'
import { setFilters, view } from '../state/location.ts'
import { partsOfWords } from '../state/query-text.ts'
import { typedQuery } from '../state/widening.ts'
import { Icon } from './icon.tsx'

export const QUERY_READING_ID = 'query-reading'

/** How the log server understood the query, under the box it was typed in; what was wrong, and where. */
export function QueryReadingLine({ reading }: { readonly reading: QueryReading | null }) {
  const { q } = view.value
  if (reading === null || q === '') return null
  const { problem } = reading
  if (problem !== null) {
    return (
      <p id={QUERY_READING_ID} class="reading" data-problem>
        <Icon name="warning" />
        <span>
          Searched as text: {visibleText(problem.message)}{' '}
          <code>
            {visibleText(q.slice(Math.max(0, problem.offset - 30), problem.offset))}
            <mark>{visibleText(q.slice(problem.offset, problem.offset + 1)) || '␣'}</mark>
            {visibleText(q.slice(problem.offset + 1, problem.offset + 20))}
          </code>
        </span>
      </p>
    )
  }
  const wide = partsOfWords(q)
  return (
    <p id={QUERY_READING_ID} class="reading">
      <span>
        {typedQuery.value === null ? null : (
          <b>Nothing has “{visibleText(typedQuery.value)}” as whole words; parts of words are shown. </b>
        )}
        Understood as: {visibleText(reading.words)}
      </span>
      {wide === undefined ? null : (
        <button
          type="button"
          class="button quiet"
          title={`Search ${visibleText(wide)}`}
          onClick={() => setFilters({ q: wide })}
        >
          Parts of words, too
        </button>
      )}
    </p>
  )
}
