// Logs a DEBUG line each 20 ms until its standard input ends. Argument: component.
import { closeLogging, getLogger, setupLogging } from '@pixsim7/logging'

setupLogging({ component: process.argv[2] })
const logger = getLogger('steady')
console.log('ready')
const timer = setInterval(() => logger.debug('Steady line', { user_id: 42 }), 20)
process.stdin.resume().on('end', async () => {
  clearInterval(timer)
  await closeLogging()
})
