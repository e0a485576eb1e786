import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      '{packages,apps,tools}/*/{src,test}/**/*.test.{ts,tsx}',
      'scripts/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    pool: 'forks',
    // Two cores: more workers only make the processes under test slower.
    maxWorkers: 2,
    // A limit against hanging for ever, not a measurement: tests wait for conditions.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    reporters: process.env['CI'] ? ['default', './scripts/vitest-summary.ts'] : ['default'],
  },
})
