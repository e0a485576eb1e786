/**
 * What tests have started and must not leave behind. Inside vitest, what belongs to a test ends after that test and the rest
 * after the file, newest first; outside (benchmarks), callers end it themselves.
 */
type Cleanup = () => Promise<void>

/** How long a resource lives: until the running test has ended, or until all tests of the file have. */
export type Lifetime = 'test' | 'file'

const pending: Record<Lifetime, Set<Cleanup>> = { test: new Set(), file: new Set() }

/** Registers what ends a resource; returns what takes the registration back, for resources that end by themselves. */
export function cleanUpAfter(lifetime: Lifetime, cleanup: Cleanup): () => void {
  pending[lifetime].add(cleanup)
  return () => void pending[lifetime].delete(cleanup)
}

async function runAll(lifetime: Lifetime): Promise<void> {
  const cleanups = [...pending[lifetime]].reverse()
  pending[lifetime].clear()
  for (const cleanup of cleanups) await cleanup()
}

if (process.env['VITEST'] !== undefined) {
  const { afterAll, afterEach } = await import('vitest')
  afterEach(() => runAll('test'))
  afterAll(async () => {
    await runAll('test')
    await runAll('file')
  })
}
