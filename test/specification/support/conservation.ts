/** Whether nothing was lost and nothing doubled: answers, files and the log server's store against each other. */
import { createClient, type Entry, type LogClient } from '@pixsim7/protocol/client'
import { waitFor } from '@pixsim7/testkit'
import { expect } from 'vitest'
import type { RunningSystem } from '../../support/running-system.ts'
import type { Answer } from './api-user.ts'
import { recordsOf, type WrittenRecord } from './records.ts'

export const COMPONENTS = ['backend', 'worker', 'logserver'] as const

export function clientOf({ logServerUrl, token }: Pick<RunningSystem, 'logServerUrl' | 'token'>): LogClient {
  return createClient({ baseUrl: logServerUrl, token })
}

function countBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return counts
}

/** What tells records apart, in files and in the store alike. */
export function keyOf(record: {
  readonly timestamp: string
  readonly level: string
  readonly logger: string
  readonly message: string
}): string {
  return `${record.timestamp} ${record.level} ${record.logger} ${record.message}`
}

const isUrgent = ({ level }: WrittenRecord): boolean => level === 'ERROR' || level === 'CRITICAL'

/** Every answered request has one line, no line stands twice, and the errors file holds the urgent lines of all, in all files. */
export async function expectKeptInFiles(logs: string, answered: readonly Answer[]): Promise<void> {
  const requestsIn = (records: readonly WrittenRecord[]) =>
    countBy(
      records.filter(({ logger }) => logger === 'api.http'),
      ({ fields }) => fields['request_id'] as string,
    )
  // A line is written up to 50 ms after the answer.
  await waitFor(() => {
    const counts = requestsIn(recordsOf(logs, 'backend'))
    return answered.every(({ requestId }) => counts.has(requestId))
  }).catch(() => undefined)
  const counts = requestsIn(recordsOf(logs, 'backend'))
  const wrong = answered.filter(({ requestId }) => counts.get(requestId) !== 1)
  expect(wrong.map((answer) => [answer, counts.get(answer.requestId)])).toEqual([])

  for (const component of [...COMPONENTS, 'errors']) {
    const twice = [...countBy(recordsOf(logs, component), ({ text }) => text)].filter(([, n]) => n > 1)
    expect(twice).toEqual([])
  }
  const urgent = COMPONENTS.flatMap((name) => recordsOf(logs, name).filter(isUrgent))
  expect(recordsOf(logs, 'errors').map(keyOf).sort()).toEqual(urgent.map(keyOf).sort())
}

async function storedOf(client: LogClient, component: string): Promise<Entry[]> {
  const entries: Entry[] = []
  let cursor: string | undefined
  do {
    const answer = await client.logs({ component: [component], limit: 1000, order: 'asc', cursor })
    entries.push(...answer.logs)
    cursor = answer.next_cursor ?? undefined
  } while (cursor !== undefined)
  return entries
}

/** The store holds each record of each component's files once, and its account of the files adds up. */
export async function expectKeptInStore(client: LogClient, logs: string): Promise<void> {
  for (const component of COMPONENTS) {
    const compare = async () => {
      const [stored, written] = [
        countBy(await storedOf(client, component), keyOf),
        countBy(recordsOf(logs, component), keyOf),
      ]
      return [...new Set([...stored.keys(), ...written.keys()])]
        .map((key) => ({ key, stored: stored.get(key) ?? 0, written: written.get(key) ?? 0 }))
        .filter((counts) => counts.stored !== counts.written)
    }
    // The services go on logging now and then: looked at until both have caught up.
    await waitFor(async () => (await compare()).length === 0).catch(() => undefined)
    expect(await compare(), component).toEqual([])
  }
  const { files } = await client.health()
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) {
    expect(file.lines, file.path).toBe(file.rows + file.continuation_lines + file.copies)
    expect([file.lost_bytes, file.bad_lines, file.last_error], file.path).toEqual([0, 0, null])
  }
}
