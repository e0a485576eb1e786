/** Puts the backend together: database, services, HTTP server. */
import { getLogger } from '@pixsim7/logging'
import type { SettingValues } from '@pixsim7/logging'
import type { FastifyInstance } from 'fastify'
import { connectDatabase } from '../database/connect-database.ts'
import { errorFields } from '../error-fields.ts'
import { PixverseProvider } from '../provider/pixverse/pixverse-provider.ts'
import { createProviderRegistry } from '../provider/provider-registry.ts'
import type { RunningComponent } from '../run-component.ts'
import { findSecretKey } from '../security/find-secret-key.ts'
import { Passwords } from '../security/passwords.ts'
import { SecretBox } from '../security/secret-box.ts'
import { Tokens } from '../security/tokens.ts'
import type { API_SETTINGS } from '../settings.ts'
import { startPlainHeartbeat } from '../service-heartbeat.ts'
import { StartError } from '../start-error.ts'
import { AuthService } from '../users/auth-service.ts'
import { deleteEndedSessions } from '../users/session-repository.ts'
import { buildServer } from './build-server.ts'
import { createRateLimiters } from './rate-limits.ts'

const DAY_SEC = 86_400
const CLEANING_INTERVAL_MS = 3_600_000

const logger = getLogger('main')

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new StartError(
        'PORT_TAKEN',
        `Port ${port} on ${host} is in use by another program. End that program, or set PORT to another port.`,
        {
          cause: error,
        },
      )
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartError(
        'ADDRESS_UNUSABLE',
        `The backend cannot listen on ${host}:${port} (${code}). Correct HOST and PORT.`,
        {
          cause: error,
        },
      )
    }
    throw error
  }
}

/** Deletes sessions that ended long ago, now and every hour; returns what ends that. */
function cleanSessions(database: { readonly db: Parameters<typeof deleteEndedSessions>[0] }): () => void {
  const clean = () => {
    deleteEndedSessions(database.db).then(
      (count) => {
        if (count > 0) logger.info('Ended sessions deleted', { count })
      },
      (error: unknown) => logger.warning('Ended sessions could not be deleted', errorFields(error)),
    )
  }
  const timer = setInterval(clean, CLEANING_INTERVAL_MS)
  clean()
  return () => clearInterval(timer)
}

/** @throws StartError, PostgresError, SecretKeyError with what the operator should do */
export async function startApi(settings: SettingValues<typeof API_SETTINGS>): Promise<RunningComponent> {
  const secretKey = findSecretKey(settings)
  const connected = await connectDatabase(settings, 'backend')
  const { database } = connected
  try {
    const passwords = new Passwords()
    await passwords.prepare()
    const tokenLifetimeDays = settings.jwtExpirationDays
    const pixverse = new PixverseProvider({
      baseUrl: settings.pixverseBaseUrl.replace(/\/+$/, ''),
      timeoutMs: settings.pixverseTimeoutMs,
    })
    const registry = createProviderRegistry([pixverse])
    const app = await buildServer(
      {
        database,
        auth: new AuthService({
          db: database.db,
          passwords,
          tokens: new Tokens(secretKey),
          tokenLifetimeDays,
        }),
        tokenLifetimeSec: tokenLifetimeDays * DAY_SEC,
        registry,
        secretBox: new SecretBox(secretKey),
        storageFolder: settings.storageFolder,
        limiters: createRateLimiters(),
      },
      settings.trustedProxies === undefined ? {} : { trustedProxies: settings.trustedProxies },
    )
    const address = await listen(app, settings.host, settings.port)
    const stopCleaning = cleanSessions(database)
    const endHeartbeat = startPlainHeartbeat({ database, providers: registry }, settings.heartbeatMs)
    return {
      description: `${address} (API page: ${address}/docs), database ${connected.address}`,
      async stop() {
        endHeartbeat()
        stopCleaning()
        await app.close()
        await connected.close()
      },
    }
  } catch (error) {
    await connected.close()
    throw error
  }
}
