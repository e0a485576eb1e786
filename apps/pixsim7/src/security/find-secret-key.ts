import { findSettings, getLogger } from '@pixsim7/logging'
import { StartError } from '../start-error.ts'
import { loadOrGenerateSecretKey } from './secret-key.ts'

const logger = getLogger('main')

/**
 * SECRET_KEY, or the key generated once into a file, which is said on stdout. Where LOG_ENV is staging or production no key is
 * generated: several machines must share one, and it must outlive this folder.
 * @throws StartError `SECRET_KEY_MISSING`, SecretKeyError
 */
export function findSecretKey(settings: {
  readonly secretKey: string | undefined
  readonly secretKeyFile: string
}): string {
  if (settings.secretKey !== undefined) return settings.secretKey
  const environment = findSettings().lookUp('LOG_ENV')?.value.toLowerCase()
  if (environment === 'staging' || environment === 'production') {
    throw new StartError(
      'SECRET_KEY_MISSING',
      `SECRET_KEY is not set, and LOG_ENV=${environment}: set it to at least 32 random characters (openssl rand -base64 32).`,
    )
  }
  const { key, isNew } = loadOrGenerateSecretKey(settings.secretKeyFile)
  if (isNew) {
    process.stdout.write(`SECRET_KEY is not set: a key was generated into ${settings.secretKeyFile}\n`)
    logger.info('Secret key generated', { file: settings.secretKeyFile })
  }
  return key
}
