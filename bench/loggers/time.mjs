// The time as the specification wants it, `2025-11-11T22:30:45.123456Z`, for loggers that leave it to their user; as fast as ours.
import { performance } from 'node:perf_hooks'

let second = -1
let prefix = ''

export function isoMicroseconds() {
  const us = Math.floor((performance.timeOrigin + performance.now()) * 1000)
  const now = Math.floor(us / 1e6)
  if (now !== second) {
    second = now
    prefix = new Date(now * 1000).toISOString().slice(0, 20)
  }
  return `${prefix}${String(us - now * 1e6 + 1e6).slice(1)}Z`
}
