import path from 'node:path'
import { readPrivateFile, replacePrivateFile } from '../host/private-file.ts'
import { ServerError } from '../server-error.ts'
import { generatePassword, hashPassword, verifyPassword } from './password.ts'

/** The only user there is. */
export const ADMIN = 'admin'

/** What `auth.json` in the data folder holds; the password itself is kept nowhere. */
interface AuthFile {
  /** A newer version is refused: it may mean something else by the same fields. */
  readonly version: 1
  readonly user: typeof ADMIN
  /** PHC string, argon2id. */
  readonly password_hash: string
  readonly set_at: string
}

export interface Credentials {
  readonly passwordHash: string
  /**
   * `generated`: new, to be shown once. `setting`: LOGS_ADMIN_PASSWORD. `kept`: the one set at an earlier start holds.
   */
  readonly origin: 'generated' | 'setting' | 'kept'
  /** The generated password, for the terminal; null in all other cases. */
  readonly generatedPassword: string | null
}

/**
 * The administrator's password hash: LOGS_ADMIN_PASSWORD when it is set, else the one kept in `dataFolder`, else a new
 * password's, which is then kept.
 *
 * @throws ServerError SERVER_AUTH_FILE_UNUSABLE when the file cannot be read, understood or written.
 */
export async function openCredentials(
  dataFolder: string,
  adminPassword: string | undefined,
): Promise<Credentials> {
  const kept = await readAuthFile(dataFolder)
  if (adminPassword !== undefined) {
    // Hashing it anew at each start would end all sessions each time.
    const isSame = kept !== undefined && (await verifyPassword(kept, adminPassword))
    const passwordHash = isSame ? kept : await keepPassword(dataFolder, adminPassword)
    return { passwordHash, origin: 'setting', generatedPassword: null }
  }
  if (kept !== undefined) return { passwordHash: kept, origin: 'kept', generatedPassword: null }
  return resetCredentials(dataFolder)
}

/** Replaces whatever password holds by a generated one; sessions of the old one end with the next start. */
export async function resetCredentials(dataFolder: string): Promise<Credentials> {
  const generatedPassword = generatePassword()
  const passwordHash = await keepPassword(dataFolder, generatedPassword)
  return { passwordHash, origin: 'generated', generatedPassword }
}

function authFilePath(dataFolder: string): string {
  return path.join(dataFolder, 'auth.json')
}

async function readAuthFile(dataFolder: string): Promise<string | undefined> {
  const file = authFilePath(dataFolder)
  let content: string | undefined
  try {
    content = await readPrivateFile(file)
  } catch (cause) {
    throw unusable(file, `cannot be read (${(cause as Error).message})`, cause)
  }
  if (content === undefined) return undefined
  try {
    const { version, user, password_hash: passwordHash } = JSON.parse(content) as Partial<AuthFile>
    if (version === 1 && user === ADMIN && passwordHash?.startsWith('$argon2id$')) return passwordHash
  } catch (cause) {
    throw unusable(file, 'is no JSON', cause)
  }
  throw unusable(file, 'has a form that this version does not know')
}

async function keepPassword(dataFolder: string, password: string): Promise<string> {
  const file = authFilePath(dataFolder)
  const content: AuthFile = {
    version: 1,
    user: ADMIN,
    password_hash: await hashPassword(password),
    set_at: new Date().toISOString(),
  }
  try {
    await replacePrivateFile(file, `${JSON.stringify(content, null, 2)}\n`)
  } catch (cause) {
    throw unusable(file, `cannot be written (${(cause as Error).message})`, cause)
  }
  return content.password_hash
}

function unusable(file: string, what: string, cause?: unknown): ServerError {
  return new ServerError(
    'SERVER_AUTH_FILE_UNUSABLE',
    `The administrator's password hash in ${file} ${what}. Mend the file or its folder; deleting the file makes the next start generate a new password.`,
    { cause },
  )
}
