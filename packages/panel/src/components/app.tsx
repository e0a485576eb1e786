import { useEffect } from 'preact/hooks'
import { formatShortCount } from '../format/number.ts'
import { heldCount } from '../state/live.ts'
import { PAGE_TITLES, view } from '../state/location.ts'
import { resumeSession, session } from '../state/session.ts'
import { Login } from './login.tsx'
import { UnreachableScreen } from './problem-state.tsx'
import { Workspace } from './workspace.tsx'

/** Names the page. Held rows and a lost session show in the tab's title, where they are seen from another tab. */
function titleOf(): string {
  if (session.value.state === 'out') return 'Sign in – PixSim7 Logs'
  const { page } = view.value
  if (page !== 'logs') return `${PAGE_TITLES[page]} – PixSim7 Logs`
  return heldCount.value > 0 ? `(${formatShortCount(heldCount.value)}) PixSim7 Logs` : 'PixSim7 Logs'
}

/** The login, or the log. The URL stays the same for both. */
export function App() {
  const present = session.value
  const title = titleOf()
  useEffect(() => {
    document.title = title
  }, [title])
  switch (present.state) {
    case 'asking':
      return <p class="state hint">Loading …</p>
    case 'unknown':
      return <UnreachableScreen error={present.error} onRetry={() => void resumeSession()} />
    case 'out':
      return <Login />
    case 'in':
      return <Workspace />
  }
}
