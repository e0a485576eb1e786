// How the set-up ends when it cannot go on: one message, status 1. Plain JavaScript, `node:` modules only.

/** A reason to stop that the user can do something about; its message is all that is printed. */
export class SetupFailure extends Error {}

/** Message of a system error in words a user knows; `what` is the sentence's beginning ("Cannot write X"). */
export function describeSystemError(what, error) {
  const reasons = {
    EACCES: 'permission denied',
    EPERM: 'not permitted',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    ENOTDIR: 'a file stands where a folder is needed',
  }
  return `${what}: ${reasons[error.code] ?? error.message}.`
}
