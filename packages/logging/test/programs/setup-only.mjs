// Sets up logging from the environment; prints the error and ends with status 1 when that is refused.
import { formatStartup, setupLogging } from '@pixsim7/logging'

try {
  console.log(formatStartup(setupLogging({ component: 'backend' })))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
