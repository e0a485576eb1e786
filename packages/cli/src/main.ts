/** pixlogs, the command line of the log server. */
import { endWithClosedPipe } from './output/console.ts'
import { runPixlogs } from './program.ts'

endWithClosedPipe()
await runPixlogs(process.argv.slice(2))
