import { render } from 'preact'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/layout.css'
import './styles/histogram.css'
import './styles/list.css'
import './styles/detail.css'
import './styles/dialogs.css'
import './styles/pages.css'
import './styles/narrow.css'
import { App } from './components/app.tsx'
import { followAutoRefresh } from './state/auto-refresh.ts'
import { followClock } from './state/clock.ts'
import { followHealth } from './state/health.ts'
import { followLive } from './state/live.ts'
import { followLocation } from './state/location.ts'
import { applyTheme } from './state/preferences.ts'
import { followQueries } from './state/queries.ts'
import { forgetWhenSignedOut } from './state/page-answers.ts'
import { followReading } from './state/reading.ts'
import { resumeSession } from './state/session.ts'
import { followStatistics } from './state/statistics.ts'
import { followWidening } from './state/widening.ts'

// They live as long as the page does: nothing stops them.
applyTheme()
followLocation()
followReading()
followClock()
followQueries()
followStatistics()
followWidening()
forgetWhenSignedOut()
followLive()
followAutoRefresh()
followHealth()

const root = document.getElementById('app')
if (root !== null) render(<App />, root)
void resumeSession()
