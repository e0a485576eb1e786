/**
 * `npm run bench [-- --case specification,smallest --contenders ours,pino --rounds 10 --lines 100000 --quick]`: the logging library against its peers. Installs
 * the peers into bench/ at first use, prints a table and what it says about the goals, and keeps both under bench/results/.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { CASES, CONTENDERS, type CaseName } from './loggers/cases.ts'
import { describeMachine } from './loggers/machine.ts'
import { renderReport } from './loggers/report.ts'
import { measureCase, type CaseResult } from './loggers/run-case.ts'

const FOLDER = import.meta.dirname

const { values } = parseArgs({
  options: {
    case: { type: 'string', default: Object.keys(CASES).join(',') },
    rounds: { type: 'string', default: '10' },
    lines: { type: 'string' },
    quick: { type: 'boolean', default: false },
    contenders: { type: 'string', default: CONTENDERS.join(',') },
  },
})

const cases = values.case.split(',')
const unknown = cases.filter((name) => !Object.hasOwn(CASES, name))
const rounds = values.quick ? 3 : Number(values.rounds)
const lines = values.quick ? 20_000 : values.lines === undefined ? undefined : Number(values.lines)
if (unknown.length > 0 || !(rounds >= 1) || (lines !== undefined && !(lines >= 1000))) {
  process.stderr.write(
    `Cannot run the benchmark with ${process.argv.slice(2).join(' ')}: --case takes some of ${Object.keys(CASES).join(', ')} ` +
      '(comma between them), --rounds a number from 1 on, --lines a number from 1000 on.\n',
  )
  process.exit(2)
}

if (!existsSync(path.join(FOLDER, 'node_modules', 'pino'))) {
  process.stderr.write('Installing the peers into bench/ …\n')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

// In the repository's own folder, so that the lines go to a real disk and not to a /tmp in memory.
mkdirSync(path.join(FOLDER, 'results'), { recursive: true })
const folder = mkdtempSync(path.join(FOLDER, 'results', '.run-'))
try {
  const results: CaseResult[] = []
  for (const name of cases as CaseName[]) {
    results.push(
      await measureCase(name, {
        rounds,
        contenders: values.contenders.split(','),
        lines: lines ?? CASES[name].lines,
        file: path.join(folder, 'bench.log'),
        onProgress: (text) => process.stderr.write(`${name}: ${text}\n`),
      }),
    )
  }
  const machine = describeMachine(folder)
  const report = renderReport(machine, results)
  process.stdout.write(report)
  if (!values.quick && values.contenders === CONTENDERS.join(',')) {
    // A part does not replace the whole.
    const part = cases.length === Object.keys(CASES).length ? '' : `-${cases.join('-')}`
    const name = `${machine.date.slice(0, 10)}-loggers${part}-node${process.versions.node.split('.')[0]}`
    const base = path.join(FOLDER, 'results', name)
    writeFileSync(`${base}.md`, report)
    writeFileSync(`${base}.json`, `${JSON.stringify({ machine, results }, null, 1)}\n`)
    process.stderr.write(`Kept as ${path.relative(process.cwd(), base)}.md and .json\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
