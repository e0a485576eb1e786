/** Puts the worker together: database, provider, storage, queue. */
import { getLogger } from '@pixsim7/logging'
import type { SettingValues } from '@pixsim7/logging'
import { connectDatabase } from '../database/connect-database.ts'
import { errorFields } from '../error-fields.ts'
import { PixverseProvider } from '../provider/pixverse/pixverse-provider.ts'
import { createProviderRegistry } from '../provider/provider-registry.ts'
import type { RunningComponent } from '../run-component.ts'
import { findSecretKey } from '../security/find-secret-key.ts'
import { SecretBox } from '../security/secret-box.ts'
import { startWorker } from './start-worker.ts'
import type { WORKER_COMPONENT_SETTINGS } from './worker-settings.ts'

const logger = getLogger('worker')

/** Each task may hold one connection for its lock and use a second one; the rest is for queue, heartbeat and records. */
const SPARE_CONNECTIONS = 5
/** Tasks that did not end hold connections that nobody waits for. */
const CLOSE_MS = 1000

/** @throws StartError, PostgresError, SecretKeyError with what the operator should do */
export async function runWorker(
  settings: SettingValues<typeof WORKER_COMPONENT_SETTINGS>,
): Promise<RunningComponent> {
  const secretKey = findSecretKey(settings)
  const databasePoolSize = Math.max(settings.databasePoolSize, 2 * settings.maxTasks + SPARE_CONNECTIONS)
  const connected = await connectDatabase({ ...settings, databasePoolSize }, 'worker')
  const { db, pool, isUp } = connected.database
  try {
    const pixverse = new PixverseProvider({
      baseUrl: settings.pixverseBaseUrl.replace(/\/+$/, ''),
      timeoutMs: settings.pixverseTimeoutMs,
    })
    const worker = await startWorker({
      db,
      pool,
      isUp,
      providers: createProviderRegistry([pixverse]),
      secretBox: new SecretBox(secretKey),
      store: { db, basePath: settings.storageFolder },
      settings,
      counters: { completed: 0, failed: 0, retried: 0, polls: 0 },
    })
    let isStopping = false
    const onEnd = (error?: unknown) => {
      if (isStopping) return
      // A process without a queue does nothing: better to end, and be started again.
      logger.critical(
        'The queue ended by itself, the worker stops',
        error === undefined ? {} : errorFields(error),
      )
      process.kill(process.pid, 'SIGTERM')
    }
    worker.ended.then(() => onEnd(), onEnd)
    return {
      description: `${settings.maxTasks} tasks at once, provider ${settings.pixverseBaseUrl}, storage ${settings.storageFolder}, database ${connected.address}`,
      async stop() {
        isStopping = true
        if ((await worker.stop()) === 'clean') await connected.close()
        else await closeInTime(connected)
      },
    }
  } catch (error) {
    await connected.close()
    throw error
  }
}

async function closeInTime(connected: { close(): Promise<void> }): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)))
  await Promise.race([connected.close(), tooLate])
  clearTimeout(timer)
}
