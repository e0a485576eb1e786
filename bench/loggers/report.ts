import { CASES, type CaseName } from './cases.ts'
import type { Machine } from './machine.ts'
import type { CaseResult, Measurement } from './run-case.ts'

/** Results as Markdown: for people, and to be kept. */
export function renderReport(machine: Machine, results: readonly CaseResult[]): string {
  const parts = [
    '# Loggers\n',
    `${machine.date}, commit ${machine.commit}, Node ${machine.node}, ${machine.processor}, ${machine.cores} cores, ` +
      `${machine.memoryGb} GB, ${machine.system}, ${machine.disk}; load ${machine.load.join(', ')}.\n`,
    'Time until the last byte is in the file, in nanoseconds a line: median and spread (first to third quarter) of the rounds, one process ' +
      'for each, contenders in turn; the fastest round beside it, which other programs on the machine disturbed least. ' +
      'All lines were read back and compared. "x ours" compares the medians, in brackets the fastest rounds.\n',
    ...results.map(renderCase),
    renderGoals(results),
  ]
  return `${parts.join('\n')}\n`
}

function renderCase(result: CaseResult): string {
  const ours = find(result, 'ours', '')
  const rows = result.measurements.map((measured) => {
    const cells = [
      `${measured.contender} ${measured.variant}`,
      format(quantile(measured.nsPerLine, 0.5)),
      `${format(quantile(measured.nsPerLine, 0.25))}–${format(quantile(measured.nsPerLine, 0.75))}`,
      format(quantile(measured.nsPerLine, 0)),
      format(quantile(measured.processorNsPerLine, 0.5)),
      measured.bytesPerLine === 0 ? '' : String(Math.round(measured.bytesPerLine)),
      ours === undefined
        ? ''
        : `${ratio(measured, ours, 0.5).toFixed(2)} (${ratio(measured, ours, 0).toFixed(2)})`,
    ]
    return `| ${cells.join(' | ')} |`
  })
  const sweep = result.sweep.map(
    ({ contender, variant, nsPerLine }) => `${contender} ${variant} ${format(nsPerLine)}`,
  )
  return [
    `## ${CASES[result.name].title}\n`,
    `${result.rounds} rounds of up to ${result.lines} lines.\n`,
    '| logger and settings | median | spread | fastest | processor | bytes | x ours |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    ...(sweep.length === 0
      ? []
      : [`\nSettings tried (processor time of the best of three runs): ${sweep.join(', ')}.`]),
    '',
  ].join('\n')
}

interface Goal {
  readonly text: string
  readonly value: number
  readonly isReached: boolean
}

/** What docs ask of the library, computed from the fastest rounds. */
function renderGoals(results: readonly CaseResult[]): string {
  const goals: Goal[] = []
  const add = (
    name: CaseName,
    text: string,
    over: Measured,
    under: Measured,
    isReached: (value: number) => boolean,
  ) => {
    const result = results.find((one) => one.name === name)
    const a = result === undefined ? undefined : pick(result, over)
    const b = result === undefined ? undefined : pick(result, under)
    if (a === undefined || b === undefined) return
    const value = ratio(a, b, 0)
    goals.push({ text, value, isReached: isReached(value) })
  }
  const ours: Measured = { contender: 'ours', variant: 'default' }
  const pino = (redaction: string): Measured => ({ contender: 'pino', variant: `${redaction}/` })
  add(
    'specification',
    "pino's fastest equivalent, no redaction / ours ≥ 3",
    pino('none'),
    ours,
    (value) => value >= 3,
  )
  add(
    'specification',
    "pino's fastest equivalent, flat redaction / ours ≥ 3",
    pino('flat'),
    ours,
    (value) => value >= 3,
  )
  add('specification', 'pino with nested redaction / ours ≥ 6', pino('nested'), ours, (value) => value >= 6)
  add(
    'specification',
    'ours / copying a ready line ≤ 3',
    ours,
    { contender: 'ready', variant: '' },
    (value) => value <= 3,
  )
  add(
    'specification',
    'ours / ours without any redaction ≤ 1.35 (keys 10 %, shapes 25 %)',
    ours,
    { contender: 'ours', variant: 'noRedaction' },
    (value) => value <= 1.35,
  )
  add('smallest', "pino's fastest / ours ≥ 2", pino('none'), ours, (value) => value >= 2)
  add('disabled', "ours / pino's no-op ≤ 1.05", ours, pino('none'), (value) => value <= 1.05)
  const hook: Measured = { contender: 'ours', variant: 'hook' }
  const runTime: Measured = { contender: 'ours', variant: 'runTime' }
  const without: Measured = { contender: 'ours', variant: 'without' }
  add(
    'callsite',
    'pino with call site by mixin / ours with the hook ≥ 15',
    pino('none'),
    hook,
    (value) => value >= 15,
  )
  add(
    'callsite',
    'ours with the hook / ours without call sites ≤ 1.05',
    hook,
    without,
    (value) => value <= 1.05,
  )
  add(
    'callsite',
    'pino with call site by mixin / ours captured at run time ≥ 2',
    pino('none'),
    runTime,
    (value) => value >= 2,
  )
  for (const name of ['child', 'deep', 'error', 'long', 'plain'] as const) {
    const result = results.find((one) => one.name === name)
    const own = result === undefined ? undefined : pick(result, ours)
    if (result === undefined || own === undefined) continue
    const peers = result.measurements.filter(({ contender }) => contender !== 'ours' && contender !== 'ready')
    const fastest = peers.sort((a, b) => quantile(a.nsPerLine, 0) - quantile(b.nsPerLine, 0))[0]
    if (fastest === undefined) continue
    const value = ratio(fastest, own, 0)
    goals.push({
      text: `${name}: fastest peer (${fastest.contender}) / ours ≥ 1`,
      value,
      isReached: value >= 1,
    })
  }
  return [
    '## Goals\n',
    '| goal | measured | |',
    '|---|---|---|',
    ...goals.map(
      ({ text, value, isReached }) =>
        `| ${text} | ${value.toFixed(2)} | ${isReached ? 'reached' : 'MISSED'} |`,
    ),
    '',
  ].join('\n')
}

interface Measured {
  readonly contender: string
  /** The beginning of the variant. */
  readonly variant: string
}

function pick(result: CaseResult, { contender, variant }: Measured): Measurement | undefined {
  return result.measurements.find((one) => one.contender === contender && one.variant.startsWith(variant))
}

function find(result: CaseResult, contender: string, variant: string): Measurement | undefined {
  return pick(result, { contender, variant })
}

function ratio(over: Measurement, under: Measurement, q: number): number {
  return quantile(over.nsPerLine, q) / quantile(under.nsPerLine, q)
}

function quantile(values: readonly number[], q: number): number {
  return values[Math.min(values.length - 1, Math.floor(q * values.length))] ?? Number.NaN
}

function format(ns: number): string {
  return ns < 10 ? ns.toFixed(2) : String(Math.round(ns))
}
