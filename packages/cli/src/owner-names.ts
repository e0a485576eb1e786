import { readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'

/** User and group a file belongs to; where they cannot be told, those of this process, whose group is named as its user. */
export function ownerNames(file: string): { readonly user: string; readonly group: string } {
  const own = userInfo().username
  try {
    const { uid, gid } = statSync(file)
    return {
      user: nameOf('/etc/passwd', uid) ?? own,
      group: nameOf('/etc/group', gid) ?? own,
    }
  } catch {
    // No such folder yet, or no such tables on this platform.
    return { user: own, group: own }
  }
}

function nameOf(table: string, id: number): string | undefined {
  return readFileSync(table, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((columns) => columns[2] === String(id))?.[0]
}
