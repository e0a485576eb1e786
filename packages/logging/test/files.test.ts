import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parseJsonLine, type LogRecord } from '@pixsim7/record'
import { requireTool, runProgram, startNode, tempDir, waitFor, type Program } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'

const PROGRAMS = path.join(import.meta.dirname, 'programs')
const OWN = 'pixsim7.logging'

function recordsIn(text: string): LogRecord[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const record = parseJsonLine(line)
      if (record === undefined) throw new Error(`Not a line of ours: ${line.slice(0, 200)}`)
      return record
    })
}

/** All text of a file and its rotated predecessors, the oldest first by number. */
function textOfAll(folder: string, name: string): string {
  const files = readdirSync(folder).filter((file) => file.startsWith(`${name}.log.`))
  const rotated = files
    .sort((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b)))
    .map((file) => path.join(folder, file))
  return [...rotated, path.join(folder, `${name}.log`)]
    .map((file) =>
      file.endsWith('.gz') ? gunzipSync(readFileSync(file)).toString() : readFileSync(file, 'utf8'),
    )
    .join('')
}

const numbersIn = (text: string) =>
  recordsIn(text)
    .filter(({ logger }) => logger !== OWN)
    .map(({ fields }) => fields['n'])
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
const tenths = (last: number) => upTo(last / 10).map((n) => n * 10)

function steady(cwd: string, component: string, last: number, perTick: number): Program {
  return startNode(path.join(PROGRAMS, 'log-steadily.mjs'), [component, String(last), String(perTick)], {
    cwd,
    env: { JSON_LOGS: 'true' },
  })
}

describe('files that are rotated by others while lines are written', () => {
  const LAST = 4000

  it('are reopened on SIGHUP and no line is lost, as with logrotate', async () => {
    const cwd = await tempDir()
    const folder = path.join(cwd, 'data/logs')
    const program = steady(cwd, 'worker', LAST, 10)
    await program.waitForLine(/ready/)
    for (let round = 1; round <= 5 && !program.hasEnded; round++) {
      const size = await waitFor(
        () => readFileSync(path.join(folder, 'worker.log'), 'utf8').length > 50_000 || program.hasEnded,
      )
      if (!size) break
      for (const name of ['worker', 'errors'])
        renameSync(path.join(folder, `${name}.log`), path.join(folder, `${name}.log.${round}`))
      program.signal('SIGHUP')
      await waitFor(
        () => existsSync(path.join(folder, 'worker.log')) && existsSync(path.join(folder, 'errors.log')),
      )
    }
    expect((await program.exit).code).toBe(0)
    expect(readdirSync(folder).length).toBeGreaterThan(4)
    expect(numbersIn(textOfAll(folder, 'worker'))).toEqual(upTo(LAST))
    expect(numbersIn(textOfAll(folder, 'errors'))).toEqual(tenths(LAST))
    expect(textOfAll(folder, 'worker')).toContain('"event":"file_reopened"')
  })

  it('may be renamed and compressed by hand, without any signal, and no line is lost', async (context) => {
    const gzip = await requireTool(context, 'gzip')
    const cwd = await tempDir()
    const folder = path.join(cwd, 'data/logs')
    const program = steady(cwd, 'worker', LAST, 10)
    await program.waitForLine(/ready/)
    for (let round = 1; round <= 4 && !program.hasEnded; round++) {
      await waitFor(
        () => readFileSync(path.join(folder, 'worker.log'), 'utf8').length > 50_000 || program.hasEnded,
      )
      renameSync(path.join(folder, 'worker.log'), path.join(folder, `worker.log.${round}`))
      await waitFor(() => existsSync(path.join(folder, 'worker.log')) || program.hasEnded)
      await runProgram(gzip, [path.join(folder, `worker.log.${round}`)])
    }
    await program.exit
    expect(readdirSync(folder).filter((file) => file.endsWith('.gz')).length).toBeGreaterThan(1)
    expect(numbersIn(textOfAll(folder, 'worker'))).toEqual(upTo(LAST))
  })
})

describe('several processes', () => {
  it('write into one errors.log, each line whole, none lost, each once', async () => {
    const cwd = await tempDir()
    const programs = ['a', 'b', 'c', 'd'].map((component) => steady(cwd, component, 2000, 50))
    for (const program of programs) expect((await program.exit).code).toBe(0)
    const errors = recordsIn(readFileSync(path.join(cwd, 'data/logs/errors.log'), 'utf8'))
    for (const component of ['a', 'b', 'c', 'd']) {
      const own = errors.filter(({ fields }) => fields['component'] === component)
      expect(own.map(({ fields }) => fields['n'])).toEqual(tenths(2000))
      const inComponent = recordsIn(readFileSync(path.join(cwd, `data/logs/${component}.log`), 'utf8'))
      const byNumber = new Map(inComponent.map((record) => [record.fields['n'], record]))
      for (const record of own) expect(record.timestamp).toBe(byNumber.get(record.fields['n'])?.timestamp)
    }
  })

  it('may share the component’s file as well', async () => {
    const cwd = await tempDir()
    const programs = [1, 2, 3].map(() => steady(cwd, 'worker', 1000, 50))
    for (const program of programs) expect((await program.exit).code).toBe(0)
    const records = recordsIn(readFileSync(path.join(cwd, 'data/logs/worker.log'), 'utf8'))
    for (const { pid } of programs) {
      expect(records.filter(({ fields }) => fields['pid'] === pid).map(({ fields }) => fields['n'])).toEqual(
        upTo(1000),
      )
    }
  })
})

describe('a full disk', () => {
  it('costs only lines of low levels, counted; the program goes on, and so does writing as soon as there is room', async (context) => {
    const unshare = await requireTool(context, 'unshare')
    const probe = await runProgram(unshare, ['--user', '--map-root-user', '--mount', 'true'])
    if (probe.code !== 0) {
      process.stderr.write(
        `SKIPPED: a full disk: this system lets nobody mount one (${probe.stderr.trim()})\n`,
      )
      context.skip('user namespaces are switched off')
    }
    const cwd = await tempDir()
    mkdirSync(path.join(cwd, 'disk'))
    const mountAndRun = 'mount -t tmpfs -o size=16m tmpfs disk && cd disk && exec "$0" --expose-gc "$1"'
    const program = path.join(PROGRAMS, 'fill-disk.mjs')
    const { stdout, stderr, code } = await runProgram(
      unshare,
      ['--user', '--map-root-user', '--mount', 'sh', '-c', mountAndRun, process.execPath, program],
      { cwd, env: { JSON_LOGS: 'true', LOG_CALL_SITE: 'off' } },
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const result = JSON.parse(stdout) as {
      uncaught: number
      loggedWhileFull: number
      last: number
      recoveredMs: number
      memoryGrowth: number
      component: string
      errors: string
    }
    expect(result.uncaught).toBe(0)
    expect(stderr).toContain('ENOSPC')
    // What a full disk cut off stays as a fragment; its line waits like the others, to be written again as a whole.
    const isWhole = (line: string) => line === '' || parseJsonLine(line) !== undefined
    const lines = result.component.split('\n')
    const fragments = lines.filter((line) => !isWhole(line))
    expect(fragments.length).toBeLessThan(5)
    const all = recordsIn(lines.filter(isWhole).join('\n'))
    const records = all.filter(({ logger }) => logger !== OWN)
    const own = all.filter(({ logger }) => logger === OWN)
    const numbers = records.map(({ fields }) => Number(fields['n']))
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    // Every ERROR is in the component's file or, marked as the only copy, in errors.log.
    const errors = recordsIn(result.errors.split('\n').filter(isWhole).join('\n')).filter(
      ({ logger }) => logger !== OWN,
    )
    const inComponent = new Set(numbers)
    for (let n = 500; n <= result.last; n += 500) {
      const copies = errors.filter(({ fields }) => fields['n'] === n)
      expect(copies.length + (inComponent.has(n) ? 1 : 0)).toBeGreaterThan(0)
      if (!inComponent.has(n)) expect(copies[0]?.fields['sole_copy']).toBe(true)
      else if (copies[0] !== undefined) expect(copies[0].fields['sole_copy']).toBeUndefined()
    }
    const lost = upTo(result.last).filter((n) => n % 500 !== 0 && !inComponent.has(n)).length
    const told = own.filter(
      ({ fields }) => fields['event'] === 'lines_dropped' && fields['dropped_level'] === 'info',
    )
    expect(lost).toBeGreaterThan(0)
    expect(told.reduce((sum, { fields }) => sum + Number(fields['count']), 0)).toBe(lost)
    expect(own.map(({ fields }) => fields['event'])).toEqual(
      expect.arrayContaining(['write_failed', 'write_recovered']),
    )
    expect(result.recoveredMs).toBeLessThan(5000)
    expect(result.memoryGrowth).toBeLessThan(64 * 1024 * 1024)
  })
})
