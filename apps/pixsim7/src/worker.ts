/** The worker: `npm run worker`, or `node dist/worker.js`. */
import { runComponent } from './run-component.ts'
import { runWorker } from './worker/run-worker.ts'
import { WORKER_COMPONENT_SETTINGS } from './worker/worker-settings.ts'

await runComponent({
  name: 'worker',
  purpose: 'The worker of PixSim7: submits jobs, polls them, stores what was generated.',
  settings: WORKER_COMPONENT_SETTINGS,
  start: runWorker,
})
