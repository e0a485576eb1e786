import { useEffect, useState } from 'preact/hooks'
import { announcement } from '../state/announce.ts'
import { shortcuts, sidebar } from '../state/preferences.ts'
import { entriesLoader } from '../state/queries.ts'
import { FilterPanel } from './filter-panel.tsx'
import { FilterPills } from './filter-pills.tsx'
import { Header } from './header.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { Histogram } from './histogram.tsx'
import { ListArea } from './list-area.tsx'
import { Pager } from './pager.tsx'
import { ProblemBanner } from './problem-state.tsx'
import { QuickFilters } from './quick-filters.tsx'
import { ResultBar } from './result-bar.tsx'
import { SEARCH_INPUT_ID, SearchBox } from './search-box.tsx'
import { TimeRangePicker } from './time-range.tsx'

/** Everything a signed-in reader sees. */
export function Workspace() {
  const [hasHelp, setHelp] = useState(false)
  useEffect(() => {
    // With the focus nowhere, the two signs everybody tries act as in the list.
    const onKeyDown = (event: KeyboardEvent): void => {
      if (document.activeElement !== document.body || shortcuts.value === 'off') return
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (event.key === '/') document.getElementById(SEARCH_INPUT_ID)?.focus()
      else if (event.key === '?') setHelp(true)
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
  const notice = entriesLoader.loaded.value?.value.notice ?? null
  return (
    <div class="workspace" data-sidebar={sidebar.value}>
      <Header onHelp={() => setHelp(true)} />
      {sidebar.value === 'open' ? (
        <aside class="sidebar" aria-label="Filters">
          <FilterPanel prefix="side" />
        </aside>
      ) : null}
      <main class="main">
        <div class="query-bar">
          <SearchBox />
          <TimeRangePicker />
        </div>
        <div class="filter-bar">
          <QuickFilters />
          <FilterPills />
        </div>
        <Histogram />
        <ResultBar />
        <ProblemBanner />
        {notice === null ? null : (
          <p class="banner calm" role="status">
            {notice}
          </p>
        )}
        <ListArea onHelp={() => setHelp(true)} />
        <Pager />
      </main>
      <div class="visually-hidden" role="status">
        {announcement.value}
      </div>
      {hasHelp ? <HelpDialog onClose={() => setHelp(false)} /> : null}
    </div>
  )
}
