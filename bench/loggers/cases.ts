/** What is measured; workload.mjs says what is logged, the contenders how. */
export interface BenchmarkCase {
  readonly title: string
  /** Lines of one run after the warm-up. */
  readonly lines: number
}

export const CASES = {
  specification: {
    title: "The specification's line: µs timestamp, two context ids, two fields, default redaction",
    lines: 300_000,
  },
  smallest: { title: 'Smallest line: level, time, message, two fields', lines: 300_000 },
  disabled: { title: 'A call below the level', lines: 10_000_000 },
  callsite: { title: "The specification's line with its call site", lines: 100_000 },
  child: { title: 'A logger with two bound fields, two of the call', lines: 300_000 },
  deep: { title: 'An object of five levels and 16 values', lines: 100_000 },
  error: { title: 'An error with its stack', lines: 30_000 },
  long: { title: 'A text of 2,000 characters with quotes, newlines and umlauts', lines: 20_000 },
  plain: { title: "The specification's line as plain text", lines: 300_000 },
} as const satisfies Record<string, BenchmarkCase>

export type CaseName = keyof typeof CASES

/** Ours, what remains when the logger is free, and the peers. */
export const CONTENDERS = [
  'ours',
  'ready',
  'pino',
  'winston',
  'bunyan',
  'log4js',
  'logtape',
  'tslog',
] as const

export type Contender = (typeof CONTENDERS)[number]
