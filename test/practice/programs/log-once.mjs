// Logs one INFO and one ERROR with texts of many scripts. With the argument `terminal` it takes its output for one.
import { getLogger, setupLogging } from '@pixsim7/logging'

if (process.argv[2] === 'terminal') process.stdout.isTTY = true
setupLogging({ component: 'backend' })
const logger = getLogger('main')
logger.info('Größer als 日本 🎬', { title: 'Čeština, עברית' })
logger.error('Größer als 日本 🎬', { error: new Error('Ошибка') })
