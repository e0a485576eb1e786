import { plainLineOf } from '../core/event-lines.ts'
import { Pipeline } from '../core/pipeline.ts'
import { notice, writeToStderr } from './notices.ts'

let pipeline: Pipeline | undefined

/**
 * Where events go before setupLogging and after closeLogging: to stderr, plain, from INFO on, redacted like everything. Said
 * once, since it usually means that a program forgot to set up logging.
 */
export function pipelineWithoutSetup(): Pipeline {
  return (pipeline ??= new Pipeline({
    hasCallSites: false,
    output: {
      write(event) {
        notice('not_set_up', 'logging is not set up (call setupLogging), lines go to stderr', Infinity)
        writeToStderr(plainLineOf(event))
      },
    },
    onFault: (error) => notice('fault', `a line was lost inside the library: ${String(error)}`),
  }))
}
