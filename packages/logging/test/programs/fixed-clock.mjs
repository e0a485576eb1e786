// Preloaded: the clock stands at 2025-11-11T22:30:45.123456Z, once the first line has been written.
import { performance } from 'node:perf_hooks'

let calls = 0
Date.now = () => 1_762_900_245_123
// The microseconds come from here: the first call is the base they are counted from.
Object.defineProperty(performance, 'now', { value: () => (calls++ === 0 ? 0 : 0.456) })
