// Logs numbered lines, `perTick` each 5 ms, until `last`; every 10th is an ERROR. Arguments: component, last, perTick.
import { closeLogging, getLogger, setupLogging } from '@pixsim7/logging'

const [component, last, perTick] = process.argv.slice(2)
setupLogging({ component })
const logger = getLogger('steady')
console.log('ready')
let n = 0
const timer = setInterval(async () => {
  for (let count = 0; count < Number(perTick) && n < Number(last); count++) {
    n++
    const fields = { n, pid: process.pid, pad: 'ü'.repeat((n * 7919) % 700) }
    if (n % 10 === 0) logger.error('Steady line', fields)
    else logger.info('Steady line', fields)
  }
  if (n < Number(last)) return
  clearInterval(timer)
  await closeLogging()
}, 5)
