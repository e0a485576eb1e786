// Logs 1000 lines at one place with flood control, then ends in the way its argument says.
import { getLogger, setupLogging } from '@pixsim7/logging'

setupLogging({ component: 'backend', flood: { maxLines: 10, intervalMs: 3_600_000 } })
for (let n = 0; n < 1000; n++) getLogger('x').info('Same line')
const end = process.argv[2]
if (end === 'exit') process.exit(3)
else if (end === 'throw') throw new Error('the end')
else process.kill(process.pid, end)
