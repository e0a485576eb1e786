import { HealthAnswerSchema, type HealthAnswer } from '@pixsim7/protocol'
import type { StoreHealth } from '@pixsim7/store'
import type { Access } from '../access/access.ts'
import type { App } from '../http/app-type.ts'
import type { StoreHolder } from '../host/store-holder.ts'

export interface HealthRouteOptions {
  readonly stores: StoreHolder
  readonly access: Promise<Access>
  readonly version: string
  /** LOGS_ENGINE, named until the store has opened. */
  readonly engine: string
  readonly now: () => number
}

/**
 * Health: public, always 200 as long as the log server answers. Paths, errors and process ids are for signed-in readers
 * only; the public sees states and counts.
 */
export function addHealthRoute(app: App, { stores, access, version, engine, now }: HealthRouteOptions): void {
  const startedAtMs = now()
  app.get(
    '/health',
    {
      schema: {
        tags: ['health'],
        security: [],
        summary: 'Health of the pipeline; public, with less detail',
        response: { 200: HealthAnswerSchema },
      },
    },
    async (request): Promise<HealthAnswer> => {
      const isReader = (await access).identify(request) !== undefined
      const health = stores.health() ?? startingHealth(engine)
      return {
        status: health.status,
        version,
        uptime_seconds: (now() - startedAtMs) / 1000,
        engine: {
          name: health.engine.name,
          version: health.engine.version,
          pid: isReader ? health.engine.pid : null,
          restarts: health.engine.restarts,
          resident_bytes: health.engine.residentBytes,
          last_error: isReader ? health.engine.lastError : null,
        },
        rows: health.rows,
        files: isReader ? health.files.map(fileHealth) : [],
      }
    },
  )
}

type AnyStoreHealth = Omit<StoreHealth, 'engine'> & {
  engine: Omit<StoreHealth['engine'], 'name'> & { name: string }
}

function startingHealth(engine: string): AnyStoreHealth {
  return {
    status: 'starting',
    engine: { name: engine, version: null, pid: null, restarts: 0, residentBytes: null, lastError: null },
    rows: 0,
    files: [],
  }
}

function fileHealth(file: StoreHealth['files'][number]): HealthAnswer['files'][number] {
  return {
    path: file.path,
    component: file.component,
    size_bytes: file.sizeBytes,
    offset_bytes: file.offsetBytes,
    lag_bytes: file.lagBytes,
    lines: file.lines,
    rows: file.rows,
    continuation_lines: file.continuationLines,
    bad_lines: file.badLines,
    copies: file.copies,
    cut_lines: file.cutLines,
    lost_bytes: file.lostBytes,
    last_error: file.lastError,
  }
}
