/** Pixverse's states of a video in our words. */
import type { VideoStatus } from '../provider.ts'

/** Numbers as documented (1, 5, 7, 8) and as seen in the wild; words as its web interface uses them. */
const STATUSES: Readonly<Record<string, VideoStatus>> = {
  '1': 'completed',
  completed: 'completed',
  success: 'completed',
  '5': 'processing',
  '0': 'processing',
  '2': 'processing',
  '9': 'processing',
  '10': 'processing',
  processing: 'processing',
  pending: 'processing',
  queued: 'processing',
  '7': 'filtered',
  '3': 'filtered',
  '17': 'filtered',
  filtered: 'filtered',
  rejected: 'filtered',
  '8': 'failed',
  '4': 'failed',
  '-1': 'failed',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** The status a number or word stands for; undefined for one nobody has heard of, which is not the same as processing. */
export function parsePixverseStatus(status: unknown): VideoStatus | undefined {
  const word = typeof status === 'number' || typeof status === 'string' ? String(status).toLowerCase() : ''
  return Object.hasOwn(STATUSES, word) ? STATUSES[word] : undefined
}
