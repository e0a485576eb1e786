import type { StoreHealth } from '@pixsim7/store'

/** Less than this is on its way into the store at any moment of a busy log. */
const LAG_WORTH_TELLING_BYTES = 8 * 1024 * 1024

/** What a reader of an answer must know about the store it came from, in one sentence; null when all is well. */
export function noticeOf(health: StoreHealth | undefined): string | null {
  if (health === undefined) return null
  const late = health.files.filter((file) => file.lagBytes > LAG_WORTH_TELLING_BYTES)
  if (late.length > 0) {
    const megabytes = Math.round(late.reduce((sum, file) => sum + file.lagBytes, 0) / 1024 / 1024)
    const files = late.length === 1 ? 'one file' : `${late.length} files`
    return `${megabytes} MB of ${files} are not read yet and missing here.`
  }
  const broken = health.files.filter((file) => file.lastError !== null)
  if (broken.length > 0) {
    const files = broken.length === 1 ? 'One log file' : `${broken.length} log files`
    return `${files} cannot be read at the moment; health tells which.`
  }
  return null
}
