import { liveReading } from '../state/live.ts'
import { view } from '../state/location.ts'
import { sidebar } from '../state/preferences.ts'
import { entriesLoader } from '../state/queries.ts'
import { FilterPanel } from './filter-panel.tsx'
import { FilterPills } from './filter-pills.tsx'
import { Histogram } from './histogram.tsx'
import { ListArea } from './list-area.tsx'
import { Pager } from './pager.tsx'
import { ProblemBanner } from './problem-state.tsx'
import { QueryReadingLine } from './query-reading.tsx'
import { QuickFilters } from './quick-filters.tsx'
import { ResultBar } from './result-bar.tsx'
import { SearchBox } from './search-box.tsx'
import { TimeRangePicker } from './time-range.tsx'

/** The log: what it is narrowed by, how much that is over time, and the entries. */
export function LogsPage({ onHelp }: { readonly onHelp: () => void }) {
  const answer = entriesLoader.loaded.value?.value
  const notice = answer?.notice ?? null
  const reading = view.value.isLive ? liveReading.value : (answer?.query ?? null)
  return (
    <>
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
        <QueryReadingLine reading={reading} />
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
        <ListArea onHelp={onHelp} />
        <Pager />
      </main>
    </>
  )
}
