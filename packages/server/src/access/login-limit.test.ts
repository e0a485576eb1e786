import { expect, test } from 'vitest'
import { LoginLimit } from './login-limit.ts'

function withClock() {
  const clock = { nowMs: 1_000_000 }
  return { clock, limit: new LoginLimit(() => clock.nowMs) }
}
const from = (address: string, device?: string) => ({ address, device })

/** Wrong passwords until the limit says to wait: how many it took, and how long to wait in seconds. */
function exhaust(limit: LoginLimit, client: ReturnType<typeof from>): [number, number] {
  for (let attempts = 0; ; attempts++) {
    const waitSeconds = limit.take(client)
    if (waitSeconds > 0) return [attempts, waitSeconds]
  }
}

test('ten wrong passwords in a row are allowed, then one each six seconds', () => {
  const { clock, limit } = withClock()
  expect(exhaust(limit, from('10.0.0.1'))).toEqual([10, 6])
  clock.nowMs += 5999
  expect(limit.take(from('10.0.0.1'))).toBe(1)
  clock.nowMs += 1
  expect(limit.take(from('10.0.0.1'))).toBe(0)
  expect(limit.take(from('10.0.0.1'))).toBe(6)
})

test('waiting is never longer than six seconds, however long the guessing goes on', () => {
  const { clock, limit } = withClock()
  for (let round = 0; round < 10_000; round++) {
    limit.take(from('10.0.0.1'))
    clock.nowMs += 10
  }
  expect(limit.take(from('10.0.0.1'))).toBeLessThanOrEqual(6)
})

test('a right password gives the attempts back', () => {
  const { limit } = withClock()
  for (let round = 0; round < 500; round++) {
    expect(limit.take(from('10.0.0.1'))).toBe(0)
    limit.succeeded(from('10.0.0.1'))
  }
})

test('another address is not made to wait, until all together have tried a hundred times', () => {
  const { limit } = withClock()
  for (let address = 0; address < 10; address++) expect(exhaust(limit, from(`10.0.0.${address}`))[0]).toBe(10)
  expect(limit.take(from('10.0.1.1'))).toBe(1)
})

test('a browser that has signed in before gets through while all others are held back', () => {
  const { limit } = withClock()
  for (let address = 0; address < 20; address++) exhaust(limit, from(`10.0.0.${address}`))
  expect(limit.take(from('10.0.0.1', 'known'))).toBe(0)
  expect(exhaust(limit, from('10.0.0.1', 'known'))[0]).toBe(9)
})

test.each([
  ['2001:db8:1:2::1', '2001:0db8:1:2:ffff:1:2:3', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['::1', '::2', true],
  ['::ffff:10.0.0.1', '10.0.0.1', true],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
  ['fe80::1%eth0', 'fe80::2%eth1', true],
])('%s and %s are one client: %s', (one, other, isSame) => {
  const { limit } = withClock()
  exhaust(limit, from(one))
  expect(limit.take(from(other)) > 0).toBe(isSame)
})

test('a clock that jumps back or to the end of time locks nobody out', () => {
  const { clock, limit } = withClock()
  exhaust(limit, from('10.0.0.1'))
  clock.nowMs -= 3_600_000
  expect(limit.take(from('10.0.0.1'))).toBeLessThanOrEqual(6)
  clock.nowMs += 6000
  expect(limit.take(from('10.0.0.1'))).toBe(0)
})

test('a flood of addresses does not grow without bound', () => {
  const { clock, limit } = withClock()
  const before = process.memoryUsage().heapUsed
  for (let address = 0; address < 200_000; address++) {
    clock.nowMs += 600
    limit.take(from(`10.${address >> 16}.${(address >> 8) & 255}.${address & 255}`))
  }
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024)
})
