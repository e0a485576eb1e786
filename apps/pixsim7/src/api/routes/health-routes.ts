import { Type } from '@fastify/type-provider-typebox'
import { sql } from 'kysely'
import type { Database } from '../../database/open-database.ts'
import { VERSION } from '../../version.ts'
import type { ApiApp } from '../api-app.ts'
import type { Dependencies } from '../dependencies.ts'

/** A monitor wants an answer before it gives up itself. */
const PROBE_TIMEOUT_MS = 2000
/** A worker renews its row far more often than this. */
const WORKER_GONE_AFTER_SEC = 120

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

/** Number of live workers; undefined when the database does not answer in time. */
async function countWorkers({ db, isUp }: Database): Promise<number | undefined> {
  if (!isUp()) return undefined
  const count = db
    .selectFrom('worker_heartbeats')
    .select((eb) => eb.fn.countAll<number>().as('workers'))
    .where('seen_at', '>', sql<Date>`now() - make_interval(secs => ${WORKER_GONE_AFTER_SEC})`)
    .executeTakeFirst()
    .then(
      (row) => row?.workers,
      () => undefined, // The session logger tells about it; here it only means "disconnected".
    )
  let timer: NodeJS.Timeout | undefined
  const gaveUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PROBE_TIMEOUT_MS, undefined)
  })
  try {
    return await Promise.race([count, gaveUp])
  } finally {
    clearTimeout(timer)
  }
}

/** `/` and `/health`, public. */
export function healthRoutes(app: ApiApp, { database, registry }: Dependencies): void {
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
      const workers = await countWorkers(database)
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
