import { useEffect, useState } from 'preact/hooks'
import { announcement } from '../state/announce.ts'
import { view } from '../state/location.ts'
import { shortcuts } from '../state/preferences.ts'
import { Header } from './header.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { LogsPage } from './logs-page.tsx'
import { RequestsPage } from './requests-page.tsx'
import { SEARCH_INPUT_ID } from './search-box.tsx'
import { ServicesPage } from './services-page.tsx'
import { StoragePage } from './storage-page.tsx'

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
  const onHelp = (): void => setHelp(true)
  return (
    <div class="workspace">
      <Header onHelp={onHelp} />
      <Page onHelp={onHelp} />
      <div class="visually-hidden" role="status">
        {announcement.value}
      </div>
      {hasHelp ? <HelpDialog onClose={() => setHelp(false)} /> : null}
    </div>
  )
}

function Page({ onHelp }: { readonly onHelp: () => void }) {
  switch (view.value.page) {
    case 'logs':
      return <LogsPage onHelp={onHelp} />
    case 'requests':
      return <RequestsPage />
    case 'services':
      return <ServicesPage />
    case 'storage':
      return <StoragePage />
  }
}
