/** A generator of numbers in [0, 1) that gives the same ones for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The seed of this run, printed so that a failure can be repeated: `STORE_TEST_SEED=…`. */
export function testSeed(): number {
  const seed = Number(process.env['STORE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  process.stderr.write(`STORE_TEST_SEED=${seed}\n`)
  return seed
}
