/**
 * PostgreSQL refuses to run as root, so as root its programs run as somebody else:
 * - in a user namespace where root is called 65534 (`unshare`): needs no account, and can still reach folders that only
 *   root may enter, such as a project below /root;
 * - where namespaces are forbidden (many containers), as the user `postgres`, else `nobody`; the data folder then belongs
 *   to that user, and every folder above it must let them through.
 * It refuses a user id without a name too, which containers like to run programs under; the namespace gives it one.
 */
import { spawnSync } from 'node:child_process'
import { chownSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import path from 'node:path'
import { PostgresError } from './postgres-error.ts'

/** How to run a program of PostgreSQL as somebody who is not root. */
export interface Unprivileged {
  /** Words put before the command. */
  readonly prefix: readonly string[]
  /** The account to run as; undefined: the present one. */
  readonly account?: { readonly uid: number; readonly gid: number }
}

const NOBODY = 65_534
const NAMESPACE_PREFIX = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`] as const

function canUseNamespace(): boolean {
  const [command, ...args] = NAMESPACE_PREFIX
  const result = spawnSync(command, [...args, 'id', '-u'], { encoding: 'utf8', timeout: 10_000 })
  return result.status === 0 && result.stdout.trim() === String(NOBODY)
}

function hasName(): boolean {
  try {
    userInfo()
    return true
  } catch {
    return false // No entry for this user id in the list of users.
  }
}

function findAccount(): { uid: number; gid: number } | undefined {
  if (!existsSync('/etc/passwd')) return undefined
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}

/** The first folder on the way to `target` that the account may not pass through. */
function findClosedFolder(target: string, account: { uid: number; gid: number }): string | undefined {
  const folders: string[] = []
  for (let folder = path.dirname(target); ; folder = path.dirname(folder)) {
    folders.unshift(folder)
    if (folder === path.dirname(folder)) break
  }
  return folders.find((folder) => {
    if (!existsSync(folder)) return false
    const { mode, uid, gid } = statSync(folder)
    const bit =
      uid === account.uid ? constants.S_IXUSR : gid === account.gid ? constants.S_IXGRP : constants.S_IXOTH
    return (mode & bit) === 0
  })
}

/**
 * How to run PostgreSQL here, with `binary` and `dataFolder` within reach.
 * @throws PostgresError `POSTGRES_ROOT_REFUSED` when this process is root and no way out exists.
 */
export function findUnprivileged(binary: string, dataFolder: string): Unprivileged {
  const isRoot = process.getuid?.() === 0
  // Without a name and without namespaces initdb says what it misses.
  if (!isRoot) return { prefix: hasName() || !canUseNamespace() ? [] : NAMESPACE_PREFIX }
  if (canUseNamespace()) return { prefix: NAMESPACE_PREFIX }
  const account = findAccount()
  const closed =
    account === undefined
      ? undefined
      : (findClosedFolder(dataFolder, account) ?? findClosedFolder(binary, account))
  if (account === undefined || closed !== undefined) {
    throw new PostgresError(
      'POSTGRES_ROOT_REFUSED',
      'PostgreSQL does not run as root, user namespaces (unshare) are not available here, and ' +
        (closed === undefined
          ? 'there is no user postgres or nobody. '
          : `other users may not enter ${closed}. `) +
        'Start as another user, or set DATABASE_URL to a PostgreSQL server of your own.',
    )
  }
  return { prefix: [], account }
}

/** Gives a file, or an empty folder, to the account PostgreSQL runs as; nothing to do where it runs as ourselves. */
export function giveAway(file: string, { account }: Unprivileged): void {
  if (account !== undefined) chownSync(file, account.uid, account.gid)
}
