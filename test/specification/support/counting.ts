/** The commands that count lines by their date: what they count, against the clock of the zone they are typed in. */
import { waitFor } from '@pixsim7/testkit'
import { expect } from 'vitest'
import type { ApiUser } from './api-user.ts'
import { recordsIn, type WrittenRecord } from './records.ts'
import { runInShell, type Seat } from './shell.ts'

/** `2026-11-26 01:13:40` as a clock in the zone shows it. */
export function clockIn(zone: string, time = new Date()): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(
    time,
  )
}

/** `2026-11-26 01:13:40` as it stands in the line, of either format. */
export function timeWritten({ text, timestamp }: WrittenRecord): string {
  return (text.startsWith('{') ? timestamp : text).slice(0, 19).replace('T', ' ')
}

/** Runs a command that prints one number. */
export async function countInShell(command: string, seat: Seat): Promise<number> {
  const { lines, status } = await runInShell(command, seat)
  expect(status).toBe(0)
  expect(lines).toHaveLength(1)
  return Number(lines[0])
}

/**
 * Makes requests and expects the command to count them, and with them every line of this minute, but none of another.
 * @param zone In which the lines are written.
 */
export async function expectMinuteCounted(
  command: string,
  { seat, file, zone, user }: { seat: Seat; file: string; zone: string; user: ApiUser },
): Promise<void> {
  // Again when a minute ends meanwhile.
  await waitFor(async () => {
    const minute = clockIn(zone).slice(0, 16)
    const ofMinute = () => recordsIn(file).filter((record) => timeWritten(record).startsWith(minute))
    const asked = await Promise.all([1, 2, 3].map(() => user.askWell('GET', '/users/me')))
    const areWritten = (records: readonly WrittenRecord[]) =>
      asked.every(({ requestId }) => records.some(({ fields }) => fields['request_id'] === requestId))
    const isOver = () => clockIn(zone).slice(0, 16) !== minute
    const before = await waitFor(() => {
      const records = ofMinute()
      return (areWritten(records) || isOver()) && records
    })
    const count = await countInShell(command, seat)
    const after = ofMinute()
    if (isOver()) return false
    expect(count).toBeGreaterThanOrEqual(before.length)
    expect(count).toBeLessThanOrEqual(after.length)
    return true
  })
}
