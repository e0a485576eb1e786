/** A server of node:http; a middleware of Express looks the same. */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  closeLogging,
  formatStartup,
  getLogger,
  LogContext,
  port,
  setting,
  setupLogging,
} from '@pixsim7/logging'

const setup = setupLogging({
  component: 'backend',
  settings: { port: setting('PORT', port(), { default: '8080', doc: 'Port of the server' }) },
})
console.log(formatStartup(setup))

const logger = getLogger('http')
const jobs = getLogger('jobs')

/** Every line of a request, by whatever logger, has its id; its end is one line. */
function withRequestLog(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const startedMs = performance.now()
  LogContext.run({ request_id: randomUUID() }, () => {
    response.on(
      'finish',
      // Emitters call back in the context of whoever triggers them.
      LogContext.bind(() => {
        logger.info('Request completed', {
          method: request.method,
          path: request.url?.replace(/\?.*$/, ''),
          status_code: response.statusCode,
          duration_ms: Math.round(performance.now() - startedMs),
        })
      }),
    )
    next()
  })
}

const server = createServer((request, response) => {
  withRequestLog(request, response, () => {
    if (request.url?.startsWith('/jobs/') !== true) {
      response.writeHead(404).end('not found\n')
      return
    }
    jobs.info('Job asked for', { job_id: Number(request.url.split(/[/?]/)[2]) })
    response.end('ok\n')
  })
})

server.listen(setup.settings.port, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${setup.settings.port}/jobs/5`)
})

// An application's own listener keeps the decision what the signal does.
process.once('SIGTERM', () => {
  logger.info('Stopping')
  server.close(() => void closeLogging())
  server.closeIdleConnections()
})
