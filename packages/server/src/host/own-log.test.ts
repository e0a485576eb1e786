import type { Level } from '@pixsim7/record'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LINE_INTERVAL_MS, OwnLog, type OwnFields } from './own-log.ts'

let lines: { level: Level; message: string; fields: OwnFields }[] = []
let log: OwnLog
beforeEach(() => {
  vi.useFakeTimers({ now: 1e12 })
  lines = []
  log = new OwnLog((level, message, fields) => lines.push({ level, message, fields }))
})
afterEach(() => {
  vi.useRealTimers()
})

test('the first event of a kind is written at once, with its kind as a field', () => {
  log.tell('authn_login_fail', { client_ip: '10.0.0.1' })
  expect(lines).toEqual([
    {
      level: 'WARNING',
      message: 'Sign-in refused: wrong user or password',
      fields: { event: 'authn_login_fail', client_ip: '10.0.0.1' },
    },
  ])
})

test('a thousand events in a minute are two lines, the second with the last event and the count of those without a line', () => {
  for (let index = 0; index < 1000; index++) log.tell('authn_login_fail', { index })
  expect(lines).toHaveLength(1)
  vi.advanceTimersByTime(LINE_INTERVAL_MS)
  expect(lines).toHaveLength(2)
  expect(lines[1]?.fields).toEqual({ event: 'authn_login_fail', index: 999, suppressed: 998 })
  vi.advanceTimersByTime(10 * LINE_INTERVAL_MS)
  expect(lines).toHaveLength(2)
})

test('a steady flood is one line a minute, and none of its events goes uncounted', () => {
  for (let second = 0; second < 600; second++) {
    log.tell('request_failed')
    vi.advanceTimersByTime(1000)
  }
  expect(lines.length).toBe(11)
  log.close()
  expect(lines.length + lines.reduce((sum, { fields }) => sum + Number(fields['suppressed'] ?? 0), 0)).toBe(
    600,
  )
})

test('kinds do not wait for each other', () => {
  log.tell('service_started')
  log.tell('authn_login_success')
  log.tellAs('store_engine_restarted', 'WARNING', 'Engine restarted', {})
  expect(lines.map(({ fields }) => fields['event'])).toEqual([
    'service_started',
    'authn_login_success',
    'store_engine_restarted',
  ])
})

test('closing writes what waits, so that no event is lost', () => {
  log.tell('request_failed', { n: 1 })
  log.tell('request_failed', { n: 2 })
  log.tell('request_failed', { n: 3 })
  log.close()
  log.close()
  expect(lines.map(({ fields }) => fields)).toEqual([
    { event: 'request_failed', n: 1 },
    { event: 'request_failed', n: 3, suppressed: 1 },
  ])
})

test('a clock set back by a day silences nothing', () => {
  log.tell('request_failed')
  vi.setSystemTime(1e12 - 86_400_000)
  log.tell('request_failed')
  expect(lines).toHaveLength(2)
})
