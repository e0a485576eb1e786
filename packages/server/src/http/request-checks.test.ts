import { expect, test } from 'vitest'
import { hostName, isHostAllowed, isLoopback } from './request-checks.ts'

test.each([
  ['localhost:5173', true],
  ['127.0.0.1:5173', true],
  ['[::1]:5173', true],
  ['LOCALHOST', true],
  ['localhost.:9000', true],
  ['evil.example:5173', false],
  ['localhost.evil.example', false],
  ['127.0.0.1.evil.example:5173', false],
  ['', false],
  ['192.168.0.7:5173', false],
])('bound to this machine, Host %j is allowed: %s', (host, isAllowed) => {
  expect(isHostAllowed(host, { bindHost: '127.0.0.1', allowedHosts: [] })).toBe(isAllowed)
})

test('allowed names come on top of the own ones', () => {
  const checks = { bindHost: '127.0.0.1', allowedHosts: ['logs.example.org'] }
  expect(isHostAllowed('logs.example.org', checks)).toBe(true)
  expect(isHostAllowed('Logs.Example.org.:443', checks)).toBe(true)
  expect(isHostAllowed('localhost:5173', checks)).toBe(true)
  expect(isHostAllowed('x.logs.example.org', checks)).toBe(false)
})

test('bound to the network, every name is allowed until some are named', () => {
  expect(isHostAllowed('whatever', { bindHost: '0.0.0.0', allowedHosts: [] })).toBe(true)
  expect(isHostAllowed('whatever', { bindHost: '0.0.0.0', allowedHosts: ['logs.example.org'] })).toBe(false)
})

test.each([
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.example.org', false],
])('%s is this machine alone: %s', (host, is) => {
  expect(isLoopback(host)).toBe(is)
})

test('a host name is without port, final dot and capitals', () => {
  expect(hostName('[::1]:80')).toBe('[::1]')
  expect(hostName('EXAMPLE.org.:80')).toBe('example.org')
})
