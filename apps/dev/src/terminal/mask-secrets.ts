/** Keeps secrets out of what the launcher prints of other programs' words. */

/** Shorter values would turn ordinary words into dots. */
const MIN_SECRET_CHARACTERS = 6
const MASK = '•••'

/** A function that replaces the given secrets, user information in addresses, and anything named a password or key. */
export function createMask(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret.length >= MIN_SECRET_CHARACTERS)
  return (text) =>
    known
      .reduce((masked, secret) => masked.replaceAll(secret, MASK), text)
      .replaceAll(/(:\/\/[^\s:/@]*:)[^\s@]+@/g, `$1${MASK}@`)
      .replaceAll(/("?(?:password|secret|token|api[_-]?key)"?\s*[:=]\s*"?)[^\s",}]+/gi, `$1${MASK}`)
}
