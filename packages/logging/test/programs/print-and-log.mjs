// Logs before, during and after a setup, through the console and through warnings, as its arguments say.
import { setTimeout as delay } from 'node:timers/promises'
import { closeLogging, getLogger, setupLogging } from '@pixsim7/logging'

const steps = process.argv.slice(2)
const logger = getLogger('main')
const actions = {
  log: () => logger.info('A line with password=hunter2', { token: 'hunter2' }),
  debug: () => logger.debug('Too low'),
  setup: () => setupLogging({ component: 'backend', captureConsole: steps.includes('console') }),
  close: () => closeLogging(),
  console: () => {
    console.log('Printed %d of', 3, { a: 1 })
    console.error('Failed:', new Error('why'))
    console.warn('token=hunter2')
  },
  warning: async () => {
    process.emitWarning('Old way', 'DeprecationWarning', 'DEP9')
    await delay(10)
  },
  many: async () => {
    for (let n = 0; n < 20_000; n++) logger.info('Many lines for a closed pipe', { n })
    await delay(50)
    logger.info('Last line')
  },
}
for (const step of steps) await actions[step]()
