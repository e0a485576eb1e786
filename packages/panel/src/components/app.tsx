import { resumeSession, session } from '../state/session.ts'
import { Login } from './login.tsx'
import { UnreachableScreen } from './problem-state.tsx'
import { Workspace } from './workspace.tsx'

/** The login, or the log. The URL stays the same for both. */
export function App() {
  const present = session.value
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
