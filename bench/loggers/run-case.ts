import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { CONTENDERS, type CaseName, type Contender } from './cases.ts'

const run = promisify(execFile)
const PROGRAM = path.join(import.meta.dirname, 'program.mjs')

/** What program.mjs prints. */
interface Run {
  readonly nsPerLine: number
  readonly processorNsPerLine: number
  readonly bytesPerLine?: number
}

/** One contender with one set of its own settings, over all rounds. */
export interface Measurement {
  readonly contender: Contender
  readonly variant: string
  /** Lines of a run: fewer for slow ones. */
  readonly lines: number
  /** Nanoseconds a line until the last byte is in the file, sorted. */
  readonly nsPerLine: readonly number[]
  /** Nanoseconds of processor time a line, of all threads, sorted. */
  readonly processorNsPerLine: readonly number[]
  readonly bytesPerLine: number
}

/** The settings that were tried, and how fast each was. */
export interface SweepEntry {
  readonly contender: Contender
  readonly variant: string
  readonly nsPerLine: number
}

/** One case: the sweep that found each contender's best settings, and the rounds with them. */
export interface CaseResult {
  readonly name: CaseName
  readonly lines: number
  readonly rounds: number
  readonly sweep: readonly SweepEntry[]
  readonly measurements: readonly Measurement[]
}

/** How a case is measured. */
export interface MeasureOptions {
  readonly rounds: number
  readonly lines: number
  /** Others are left out. */
  readonly contenders: readonly string[]
  /** The file all contenders write to, one after the other. */
  readonly file: string
  readonly onProgress: (text: string) => void
}

const SWEEP_ROUNDS = 3
const PILOT_LINES = 5000
/** A run of a slow logger is cut to about this: what it costs a line does not depend on how many follow. */
const MAX_RUN_MS = 1500
/** A run that takes longer than this for a tenth of the lines hangs. */
const RUN_TIMEOUT_MS = 240_000

/**
 * First the sweep: every setting of every contender, three short runs, the least processor time decides. Then the rounds: one process for
 * each run, all contenders in turn, so that whatever else the machine does meets all of them.
 */
export async function measureCase(name: CaseName, options: MeasureOptions): Promise<CaseResult> {
  const sweep: SweepEntry[] = []
  const chosen: { contender: Contender; variant: string }[] = []
  for (const contender of CONTENDERS) {
    if (!options.contenders.includes(contender)) continue
    if (contender === 'ready' && !['specification', 'smallest'].includes(name)) continue
    const variants = await variantsOf(contender, name)
    for (const group of groupsOf(contender, variants)) {
      let best: SweepEntry | undefined
      for (const variant of group) {
        const entry = group.length === 1 ? undefined : await sweepOne(name, contender, variant, options)
        if (entry !== undefined) sweep.push(entry)
        if (best === undefined || (entry !== undefined && entry.nsPerLine < best.nsPerLine))
          best = entry ?? { contender, variant, nsPerLine: 0 }
      }
      if (best !== undefined) chosen.push({ contender, variant: best.variant })
    }
  }
  options.onProgress(
    `settings found: ${chosen.map(({ contender, variant }) => `${contender} ${variant}`).join(', ')}`,
  )

  const linesOf: number[] = []
  for (const { contender, variant } of chosen) {
    const pilot = await runOnce(name, contender, variant, PILOT_LINES, options.file)
    const wanted = Math.round((MAX_RUN_MS * 1e6) / pilot.nsPerLine)
    linesOf.push(Math.max(PILOT_LINES, Math.min(options.lines, wanted)))
  }
  const runs = chosen.map((): Run[] => [])
  for (let round = 1; round <= options.rounds; round++) {
    for (const [index, { contender, variant }] of chosen.entries()) {
      runs[index]?.push(await runOnce(name, contender, variant, linesOf[index] ?? 0, options.file))
    }
    options.onProgress(`round ${round} of ${options.rounds}`)
  }
  const measurements = chosen.map(({ contender, variant }, index) => ({
    contender,
    variant,
    lines: linesOf[index] ?? 0,
    nsPerLine: sorted((runs[index] ?? []).map((result) => result.nsPerLine)),
    processorNsPerLine: sorted((runs[index] ?? []).map((result) => result.processorNsPerLine)),
    bytesPerLine: runs[index]?.[0]?.bytesPerLine ?? 0,
  }))
  return { name, lines: options.lines, rounds: options.rounds, sweep, measurements }
}

/** Settings that write the same line compete; pino's kinds of redaction, and ours with and without, are measured side by side. */
function groupsOf(contender: Contender, variants: readonly string[]): string[][] {
  if (contender === 'ours') return variants.map((variant) => [variant])
  const groups = new Map<string, string[]>()
  for (const variant of variants) {
    const key = contender === 'pino' ? (variant.split('/')[0] ?? '') : ''
    groups.set(key, [...(groups.get(key) ?? []), variant])
  }
  return [...groups.values()]
}

async function variantsOf(contender: Contender, name: CaseName): Promise<string[]> {
  const module = (await import(`./contenders/${contender}.mjs`)) as {
    variants(caseName: string): Record<string, unknown>
  }
  return Object.keys(module.variants(name))
}

async function sweepOne(
  name: CaseName,
  contender: Contender,
  variant: string,
  options: MeasureOptions,
): Promise<SweepEntry> {
  const times: number[] = []
  const lines = Math.max(PILOT_LINES, Math.round(options.lines / 10))
  for (let round = 0; round < SWEEP_ROUNDS; round++)
    times.push((await runOnce(name, contender, variant, lines, options.file)).processorNsPerLine)
  return { contender, variant, nsPerLine: sorted(times)[0] ?? Infinity }
}

async function runOnce(
  name: CaseName,
  contender: Contender,
  variant: string,
  lines: number,
  file: string,
): Promise<Run> {
  const hook = variant === 'hook' ? ['--import', '@pixsim7/logging/register'] : []
  const { stdout } = await run(
    process.execPath,
    [...hook, PROGRAM, name, contender, variant, String(lines), file],
    {
      cwd: import.meta.dirname,
      timeout: RUN_TIMEOUT_MS,
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  )
  return JSON.parse(stdout) as Run
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}
