// What the options of the library cost that change which lines are written: `node bench/options.mjs [ROUNDS]` prints nanoseconds of
// processor time for a line that is written and for a call below the level, and the ratio to a setup without any of them. One process
// for each run, all set-ups in turn, the median of the rounds (10). Run `npm run build` first.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const rule = (more) => ({ id: 'r', level: 'DEBUG', expires_at: '9999-01-01T00:00:00Z', by: 'bench', ...more })

/** Options of setupLogging and rules of the levels file, by name. */
const SETUPS = {
  none: {},
  'rule for another logger': { rules: [rule({ logger: 'other.*' })] },
  'rule for another value of a field': { rules: [rule({ field: 'user_id', value: 7 })] },
  'rule for another logger and a field': { rules: [rule({ logger: 'other.*', field: 'user_id', value: 7 })] },
  'flood control, never reached': { flood: { maxLines: 2 ** 31, intervalMs: 3_600_000 } },
  'flood control, almost all held back': { flood: { maxLines: 1, intervalMs: 3_600_000 } },
  'flight recorder, no error': { flightRecorder: {} },
  'sampling, all kept': { sampling: { rate: 1, by: ['user_id'] } },
}
const LINES = 100_000
const DISABLED_CALLS = 3_000_000

const [argument = '10', only] = process.argv.slice(2)
if (only === undefined) compare(Number(argument))
else process.stdout.write(JSON.stringify(await measure(SETUPS[only])))

function compare(rounds) {
  const runs = Object.keys(SETUPS).map((name) => ({ name, written: [], disabled: [] }))
  for (let round = 0; round < rounds; round++) {
    for (const run of runs) {
      const result = JSON.parse(execFileSync(process.execPath, [import.meta.filename, '1', run.name]))
      run.written.push(result.written)
      run.disabled.push(result.disabled)
    }
  }
  const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
  const base = { written: median(runs[0].written), disabled: median(runs[0].disabled) }
  for (const { name, written, disabled } of runs) {
    const cells = [
      name.padEnd(38),
      ...[
        ['written', written],
        ['disabled', disabled],
      ].map(([kind, numbers]) => {
        const ns = median(numbers)
        return `${kind} ${ns.toFixed(1).padStart(7)} ns (${(ns / base[kind]).toFixed(2)})`
      }),
    ]
    process.stdout.write(`${cells.join('  ')}\n`)
  }
}

async function measure({ rules = [], ...options }) {
  const { closeLogging, getLogger, LogContext, setupLogging } = await import('@pixsim7/logging')
  const cwd = mkdtempSync(path.join(tmpdir(), 'bench-options-'))
  const levelsFile = path.join(cwd, 'levels.json')
  writeFileSync(levelsFile, JSON.stringify({ version: 1, rules }))
  setupLogging({ component: 'bench', cwd, env: {}, json: true, console: 'off', callSite: 'off', levelsFile, ...options }) // prettier-ignore
  const logger = getLogger('job_processor')
  const write = (n) => logger.info(`Processing job #${n}`, { duration_sec: n % 100, provider_id: 'pixverse' })
  const disabled = (n) => logger.debug('Polling', { attempt: n })
  try {
    return await LogContext.run({ user_id: 1, job_id: 123 }, async () => {
      await repeat(write, 30_000)
      await repeat(disabled, 100_000)
      return { written: await time(write, LINES), disabled: await time(disabled, DISABLED_CALLS) }
    })
  } finally {
    await closeLogging()
    rmSync(cwd, { recursive: true })
  }
}

async function time(fn, count) {
  const before = process.cpuUsage()
  await repeat(fn, count)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / count
}

/** 100 in one go, as a busy handler does; disabled calls cost less than the turn between. */
async function repeat(fn, count) {
  const inOneGo = fn.name === 'write' ? 100 : 10_000
  for (let n = 0; n < count;) {
    for (const end = Math.min(count, n + inOneGo); n < end; n++) fn(n)
    await new Promise(setImmediate)
  }
}
