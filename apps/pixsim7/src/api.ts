/** The backend: `npm run backend`, or `node dist/api.js`. */
import { startApi } from './api/start-api.ts'
import { runComponent } from './run-component.ts'
import { API_SETTINGS } from './settings.ts'

await runComponent({
  name: 'backend',
  purpose: 'The backend of PixSim7: its HTTP API.',
  settings: API_SETTINGS,
  start: startApi,
})
