/** Fastify, with requests logged by Fastify itself, and a library that was made for pino. */
import {
  fastifyLogger,
  formatStartup,
  getLogger,
  LogContext,
  port,
  setting,
  setupLogging,
} from '@pixsim7/logging'
import { pinoLogger } from '@pixsim7/logging/adapters/pino'
import Fastify from 'fastify'

const setup = setupLogging({
  component: 'backend',
  settings: { port: setting('PORT', port(), { default: '8080', doc: 'Port of the server' }) },
})
console.log(formatStartup(setup))

const jobs = getLogger('jobs')

/** What a library that takes an instance of pino asks of it. */
interface PinoLike {
  info(fields: object, message: string, ...values: unknown[]): void
}

/** Stands for any such library. */
class VideoClient {
  readonly #log: PinoLike

  constructor(options: { logger: PinoLike }) {
    this.#log = options.logger
  }

  submit(prompt: string): void {
    this.#log.info({ prompt_length: prompt.length }, 'Submitting with %d tries', 3)
  }
}

const client = new VideoClient({
  logger: pinoLogger({ name: 'video_client' }).child({ provider_id: 'pixverse' }),
})
const app = Fastify({ loggerInstance: fastifyLogger('api') })

app.get<{ Params: { id: string } }>('/jobs/:id', async (request) =>
  LogContext.run({ request_id: request.id, job_id: Number(request.params.id) }, async () => {
    jobs.info('Job asked for')
    client.submit('a cat')
    return { ok: true }
  }),
)

// Asked for every few seconds by a load balancer: not worth a line each.
app.get('/health', { logLevel: 'warn' }, async () => ({ status: 'ok' }))

app.get('/fails', async () => {
  throw new Error('no such video')
})

await app.listen({ port: setup.settings.port, host: '127.0.0.1' })
console.log(`http://127.0.0.1:${setup.settings.port}/jobs/5`)
process.once('SIGTERM', () => void app.close())
