import { useState } from 'preact/hooks'
import { activeFilters } from '../state/active-filters.ts'
import { lastViewOf, PAGE_TITLES, view } from '../state/location.ts'
import { sidebar, theme, zone, type Theme } from '../state/preferences.ts'
import { session, signOut } from '../state/session.ts'
import { PAGES } from '../state/view.ts'
import { Dialog } from './dialog.tsx'
import { FilterPanel } from './filter-panel.tsx'
import { HealthBadge } from './health-badge.tsx'
import { Icon, type IconName } from './icon.tsx'
import { LiveControl, RefreshControl } from './live-control.tsx'
import { ZoneSwitch } from './time-range.tsx'
import { ViewLink } from './view-link.tsx'

const THEMES: readonly { readonly choice: Theme; readonly icon: IconName; readonly label: string }[] = [
  { choice: 'system', icon: 'system', label: 'Theme: as the system' },
  { choice: 'light', icon: 'sun', label: 'Theme: light' },
  { choice: 'dark', icon: 'moon', label: 'Theme: dark' },
]

/** The bar on top: where we are, the pages, how the store is, live and refresh, and what belongs to the reader. */
export function Header({ onHelp }: { readonly onHelp: () => void }) {
  const isLog = view.value.page === 'logs'
  return (
    <header class="header">
      {isLog ? <FilterToggle /> : null}
      <h1>
        <Logo />
        <span class="name">PixSim7 Logs</span>
      </h1>
      <Navigation />
      <HealthBadge />
      <span class="spacer" />
      {isLog ? <LiveControl /> : null}
      <RefreshControl />
      <span class="header-own">
        <ZoneSwitch />
        <ThemeButton />
        <button
          type="button"
          class="button bare"
          aria-label="Help"
          title="Keys and help (?)"
          onClick={onHelp}
        >
          <Icon name="help" />
        </button>
        <button
          type="button"
          class="button bare"
          aria-label="Log out"
          title={`Log out ${session.value.state === 'in' ? session.value.username : ''}`}
          onClick={() => void signOut()}
        >
          <Icon name="leave" />
        </button>
      </span>
    </header>
  )
}

/** The pages of the panel; each link leads back to what the page showed last. */
function Navigation() {
  return (
    <nav class="pages" aria-label="Pages of the panel">
      {PAGES.map((page) => (
        <ViewLink key={page} view={lastViewOf(page)} isCurrent={view.value.page === page}>
          {PAGE_TITLES[page]}
        </ViewLink>
      ))}
    </nav>
  )
}

/** The panel's sign: three lines of a log. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="logo-ground" width="32" height="32" rx="7" />
      <rect class="logo-line" x="7" y="8" width="18" height="3.5" rx="1.75" />
      <rect class="logo-line dim" x="7" y="14.25" width="12" height="3.5" rx="1.75" />
      <rect class="logo-line error" x="7" y="20.5" width="15" height="3.5" rx="1.75" />
    </svg>
  )
}

/** On wide screens shows and hides the filters beside the list; on narrow ones opens them as a sheet. */
function FilterToggle() {
  const [isSheetOpen, setSheetOpen] = useState(false)
  const count = activeFilters(view.value, zone.value).length
  return (
    <>
      <button
        type="button"
        class="button bare sidebar-toggle"
        aria-label="Filters beside the list"
        aria-pressed={sidebar.value === 'open'}
        title="Show or hide the filters"
        onClick={() => {
          sidebar.value = sidebar.value === 'open' ? 'closed' : 'open'
        }}
      >
        <Icon name="sidebar" />
      </button>
      <button
        type="button"
        class="button sheet-toggle"
        aria-haspopup="dialog"
        onClick={() => setSheetOpen(true)}
      >
        <Icon name="filter" />
        Filters
        {count > 0 ? <span class="count">{count}</span> : null}
      </button>
      {isSheetOpen ? (
        <Dialog title="Filters" kind="sheet" onClose={() => setSheetOpen(false)}>
          <FilterPanel prefix="sheet" />
        </Dialog>
      ) : null}
    </>
  )
}

export function ThemeButton() {
  const index = THEMES.findIndex(({ choice }) => choice === theme.value)
  const present = THEMES[index]
  if (present === undefined) return null
  return (
    <button
      type="button"
      class="button bare"
      aria-label={present.label}
      title={`${present.label}; press for the next`}
      onClick={() => {
        theme.value = THEMES[(index + 1) % THEMES.length]?.choice ?? 'system'
      }}
    >
      <Icon name={present.icon} />
    </button>
  )
}
