import { setTimeout as sleep } from 'node:timers/promises'
import { startLocalPostgres } from './local-postgres.ts'
import type { LocalPostgres } from './local-postgres.ts'
import { PostgresError } from './postgres-error.ts'

/** How often the server is looked at; it is not our child, so nothing tells us of its end. */
const WATCH_INTERVAL_MS = 500

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`)
}

/**
 * Runs the local PostgreSQL in the foreground until SIGTERM or SIGINT, then stops it. Prints one line when it is ready. Sets
 * the exit status: 0 after an orderly end, 1 when it could not start or ended by itself.
 */
export async function runPostgres(options: {
  readonly dataFolder: string
  readonly port: number
}): Promise<void> {
  let isStopping = false
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      isStopping = true
      stop.abort()
    })
  }
  let server: LocalPostgres
  try {
    server = await startLocalPostgres({ ...options, isSupervisor: true })
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
    return
  }
  const found = server.wasRunning ? ' (it was running already)' : ''
  say(
    `PostgreSQL 18 ready at ${server.host}:${server.port}${found}, process ${server.pid}, data in ${options.dataFolder}`,
  )
  while (!isStopping && server.isRunning()) {
    await sleep(WATCH_INTERVAL_MS, undefined, { signal: stop.signal }).catch(() => {}) // Aborted: we are to stop.
  }
  if (!isStopping) {
    process.stderr.write(
      `PostgreSQL has ended by itself; the reason is in ${options.dataFolder}/postgres.log\n`,
    )
    process.exitCode = 1
  }
  await server.stop()
  say('PostgreSQL stopped')
}
