import { Type } from '@fastify/type-provider-typebox'
import { getLogger } from '@pixsim7/logging'
import { sql } from 'kysely'
import type { Database } from '../../database/open-database.ts'
import { errorFields } from '../../error-fields.ts'
import { VERSION } from '../../version.ts'
import type { ApiApp } from '../api-app.ts'
import type { Dependencies } from '../dependencies.ts'

/** A monitor wants an answer before it gives up itself. */
const PROBE_TIMEOUT_MS = 2000
/** A worker renews its row far more often than this. */
const WORKER_GONE_AFTER_SEC = 120

const logger = getLogger('database.session')

const HealthBody = Type.Object({
  status: Type.Enum(['ok', 'unavailable']),
  version: Type.String(),
  uptime_seconds: Type.Integer(),
  database: Type.Enum(['connected', 'disconnected']),
  workers: Type.Union([Type.Integer(), Type.Null()], {
    description: 'Worker processes seen in the last two minutes; null when the database cannot be asked',
  }),
  providers: Type.Array(Type.String()),
})

/** Number of live workers. @throws what the database throws, or that it did not answer in time */
async function countWorkers({ db }: Database): Promise<number> {
  const count = db
    .selectFrom('worker_heartbeats')
    .select((eb) => eb.fn.countAll<number>().as('workers'))
    .where('seen_at', '>', sql<Date>`now() - make_interval(secs => ${WORKER_GONE_AFTER_SEC})`)
    .executeTakeFirstOrThrow()
    .then((row) => row.workers)
  let timer: NodeJS.Timeout | undefined
  const gaveUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ProbeTimeout()), PROBE_TIMEOUT_MS)
  })
  try {
    return await Promise.race([count, gaveUp])
  } finally {
    clearTimeout(timer)
  }
}

class ProbeTimeout extends Error {
  override readonly name = 'ProbeTimeout'

  constructor() {
    super(`The database did not answer within ${PROBE_TIMEOUT_MS} ms`)
  }
}

/** Asks the database; undefined when it does not answer. Of failures in a row the first is told. */
function createProbe(database: Database): () => Promise<number | undefined> {
  let isFailing = false
  return async () => {
    // Its loss has been told, and asking again would only wait.
    if (!database.isUp()) return undefined
    try {
      const workers = await countWorkers(database)
      isFailing = false
      return workers
    } catch (error) {
      if (!isFailing) logger.error('Database probe failed', errorFields(error))
      isFailing = true
      return undefined
    }
  }
}

/** `/` and `/health`, public. */
export function healthRoutes(app: ApiApp, { database, registry }: Dependencies): void {
  const probe = createProbe(database)
  app.get(
    '/',
    {
      schema: {
        tags: ['health'],
        summary: 'What this is',
        response: { 200: Type.Object({ name: Type.String(), version: Type.String(), docs: Type.String() }) },
      },
    },
    async () => ({ name: 'PixSim7', version: VERSION, docs: '/docs' }),
  )

  app.get(
    '/health',
    {
      schema: {
        tags: ['health'],
        summary: 'Whether requests can be served; 503 when not',
        response: { 200: HealthBody, 503: HealthBody },
      },
    },
    async (_request, reply) => {
      const workers = await probe()
      const isConnected = workers !== undefined
      return reply.code(isConnected ? 200 : 503).send({
        status: isConnected ? ('ok' as const) : ('unavailable' as const),
        version: VERSION,
        uptime_seconds: Math.floor(process.uptime()),
        database: isConnected ? ('connected' as const) : ('disconnected' as const),
        workers: workers ?? null,
        providers: registry.list().map(({ providerId }) => providerId),
      })
    },
  )
}
