import { endTyping, setFilters, view } from '../state/location.ts'
import { Icon } from './icon.tsx'
import { useDraft } from './use-draft.ts'

/** Long enough not to ask for each letter, short enough to feel immediate. */
const SEARCH_DELAY_MS = 250

export const SEARCH_INPUT_ID = 'search'

/** Searches while typing; Enter at once; Escape clears. */
export function SearchBox() {
  const draft = useDraft(
    view.value.search,
    (text, isDone) => {
      const search = text.trim() === '' ? '' : text
      if (search !== view.value.search) setFilters({ search }, { reason: 'typing search' })
      if (isDone) endTyping()
      return search
    },
    SEARCH_DELAY_MS,
  )
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <label class="visually-hidden" for={SEARCH_INPUT_ID}>
        Search messages and exceptions
      </label>
      <input
        id={SEARCH_INPUT_ID}
        type="search"
        placeholder="Search messages and exceptions"
        title="Any part of a message or an exception, whatever its case. Enter searches at once, Escape clears."
        autocomplete="off"
        spellcheck={false}
        maxLength={4096}
        value={draft.text}
        onInput={(event) => draft.onInput(event.currentTarget.value)}
        onKeyDown={draft.onKeyDown}
        onBlur={draft.onBlur}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  )
}
