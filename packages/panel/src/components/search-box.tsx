import { endTyping, view } from '../state/location.ts'
import { typedQuery, typeQuery } from '../state/widening.ts'
import { Icon } from './icon.tsx'
import { QUERY_READING_ID } from './query-reading.tsx'
import { useDraft } from './use-draft.ts'

/** Long enough not to ask for each letter, short enough to feel immediate. */
const SEARCH_DELAY_MS = 250

export const SEARCH_INPUT_ID = 'search'

/** Searches while typing; Enter at once; Escape clears. Takes the query language. */
export function SearchBox() {
  const draft = useDraft(
    typedQuery.value ?? view.value.q,
    (text, isDone) => {
      const q = text.trim() === '' ? '' : text
      if (q !== (typedQuery.value ?? view.value.q)) typeQuery(q)
      if (isDone) endTyping()
      return q
    },
    SEARCH_DELAY_MS,
  )
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <label class="visually-hidden" for={SEARCH_INPUT_ID}>
        Search messages
      </label>
      <input
        id={SEARCH_INPUT_ID}
        type="search"
        placeholder="Search messages, or status_code:>=500 -path:/health"
        title="Words, “a phrase”, field:value, -without, OR. Enter searches at once, Escape clears; ? explains more."
        aria-describedby={QUERY_READING_ID}
        autocomplete="off"
        spellcheck={false}
        maxLength={8192}
        value={draft.text}
        onInput={(event) => draft.onInput(event.currentTarget.value)}
        onKeyDown={draft.onKeyDown}
        onBlur={draft.onBlur}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  )
}
