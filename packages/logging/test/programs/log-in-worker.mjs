// Logs 100 lines in a worker thread and ends the thread at once.
import { getLogger, setupLogging } from '@pixsim7/logging'

setupLogging({ component: 'backend' })
for (let n = 101; n <= 200; n++) getLogger('worker').info('Counted line', { n })
process.exit(0)
