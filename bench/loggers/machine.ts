import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem, type } from 'node:os'

/** Where and when results were taken: numbers of another machine cannot be compared with them, ratios can. */
export interface Machine {
  readonly date: string
  readonly commit: string
  readonly processor: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  /** Kind of the file system the lines were written to. */
  readonly disk: string
  /** Load over 1, 5 and 15 minutes at the end of the runs; above the number of cores the times are too long and vary. */
  readonly load: readonly number[]
}

/** @param folder Where the lines were written. */
export function describeMachine(folder: string): Machine {
  return {
    date: new Date().toISOString(),
    commit: output('git', ['describe', '--always', '--dirty']),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    system: `${type()} ${release()}`,
    node: process.version,
    disk: output('stat', ['-f', '-c', '%T', folder]),
    load: loadavg().map((load) => Math.round(load * 10) / 10),
  }
}

function output(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    // No git, or a stat of another kind: the numbers are worth keeping without.
    return 'unknown'
  }
}
