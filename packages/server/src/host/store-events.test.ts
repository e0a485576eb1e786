import { LEVELS, type Level } from '@pixsim7/record'
import type { StoreEvent } from '@pixsim7/store'
import { expect, test } from 'vitest'
import { OWN_EVENTS, OwnLog, type OwnFields } from './own-log.ts'
import { logStoreEvents } from './store-events.ts'

const EVENTS: readonly [StoreEvent, Level, OwnFields][] = [
  [
    { event: 'engineStarted', pid: 7, version: 'chdb', restarts: 0 },
    'INFO',
    { pid: 7, version: 'chdb', restarts: 0 },
  ],
  [
    { event: 'engineLost', reason: 'killed', restartInMs: 100 },
    'ERROR',
    { reason: 'killed', restart_in_ms: 100 },
  ],
  [
    { event: 'fileDiscovered', path: '/a.log', component: 'a' },
    'INFO',
    { path: '/a.log', file_component: 'a' },
  ],
  [{ event: 'fileRotated', from: '/a.log', to: '/a.log.1' }, 'INFO', { from: '/a.log', to: '/a.log.1' }],
  [{ event: 'fileTruncated', path: '/a.log', lostBytes: 0 }, 'WARNING', { path: '/a.log', lost_bytes: 0 }],
  [{ event: 'fileTruncated', path: '/a.log', lostBytes: 9 }, 'ERROR', { path: '/a.log', lost_bytes: 9 }],
  [{ event: 'fileGone', path: '/a.log', lostBytes: 0 }, 'INFO', { path: '/a.log', lost_bytes: 0 }],
  [{ event: 'fileGone', path: '/a.log', lostBytes: 9 }, 'ERROR', { path: '/a.log', lost_bytes: 9 }],
  [
    { event: 'fileUnreadable', path: '/a.log', reason: 'EACCES' },
    'WARNING',
    { path: '/a.log', reason: 'EACCES' },
  ],
  [{ event: 'badLines', path: '/a.log', count: 3 }, 'WARNING', { path: '/a.log', count: 3 }],
  [
    { event: 'rowsExpired', rows: 9, errorRows: 2, firstDay: '2025-11-03', lastDay: '2025-11-04' },
    'INFO',
    { rows: 9, error_rows: 2, first_day: '2025-11-03', last_day: '2025-11-04' },
  ],
  [{ event: 'expiryFailed', reason: 'disk full' }, 'ERROR', { reason: 'disk full' }],
  [{ event: 'migrating', rows: 1, ofRows: 9 }, 'INFO', { rows: 1, of_rows: 9 }],
  [
    { event: 'insertFailed', reason: 'disk full', retryInMs: 1000 },
    'ERROR',
    { reason: 'disk full', retry_in_ms: 1000 },
  ],
]

function linesOf(...events: StoreEvent[]): { level: Level; message: string; fields: OwnFields }[] {
  const lines: { level: Level; message: string; fields: OwnFields }[] = []
  const tell = logStoreEvents(new OwnLog((level, message, fields) => lines.push({ level, message, fields })))
  for (const event of events) tell(event)
  return lines
}

test.each(EVENTS)('%j is one line of the log server, %s', (event, level, fields) => {
  const name = `store_${event.event.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
  expect(linesOf(event)).toEqual([{ level, message: expect.any(String), fields: { event: name, ...fields } }])
})

test('a thousand discovered files are one line at once, so that following its own log never feeds on itself', () => {
  const events = Array.from({ length: 1000 }, (_, index): StoreEvent => ({
    event: 'fileDiscovered',
    path: `/${index}`,
    component: 'a',
  }))
  expect(linesOf(...events)).toHaveLength(1)
})

test('no sentence of the log server holds the name of a level: grep for one finds lines of that level', () => {
  const sentences = [...Object.values(OWN_EVENTS), ...EVENTS.flatMap(([event]) => linesOf(event))].map(
    ({ message }) => message,
  )
  expect(sentences.length).toBeGreaterThan(20)
  for (const sentence of sentences)
    expect(sentence).not.toMatch(new RegExp(`\\b(${LEVELS.join('|')}|warn|fatal)\\b`, 'i'))
})
