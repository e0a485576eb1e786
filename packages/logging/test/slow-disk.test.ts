import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseJsonLine } from '@pixsim7/record'
import { requireTool, runProgram, tempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'

const PROGRAM = path.join(import.meta.dirname, 'programs', 'log-to-slow-disk.mjs')
/** Far more than any write takes here, and than the library takes for slow. */
const WRITE_MS = 150

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

async function logTo(strace: string, way: string) {
  const cwd = await tempDir()
  const folder = path.join(cwd, 'data', 'logs')
  const files = ['backend.log', 'errors.log'].map((name) => path.join(folder, name))
  const { stdout, stderr } = await runProgram(
    strace,
    [
      '-f', '-qq', '-o', '/dev/null', ...files.flatMap((file) => ['-P', file]),
      '-e', 'trace=write,pwrite64,writev,pwritev', '-e', `inject=write,pwrite64:delay_enter=${WRITE_MS * 1000}`,
      process.execPath, PROGRAM, way,
    ],
    { cwd, env: { JSON_LOGS: 'true', LOG_CALL_SITE: 'off' } },
  ) // prettier-ignore
  const read = (name: string) =>
    readFileSync(path.join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => parseJsonLine(line))
  const records = read('backend.log')
  return {
    stderr,
    longestMs: Number(/longest (\d+) ms/.exec(stdout)?.[1]),
    numbers: records
      .filter((record) => record?.logger === 'slow')
      .map((record) => Number(record?.fields['n'])),
    events: records.filter((record) => record?.logger !== 'slow').map((record) => record?.fields),
    errorNumbers: read('errors.log')
      .filter((record) => record?.logger === 'slow')
      .map((record) => Number(record?.fields['n'])),
  }
}

describe('a disk that takes 150 ms for each write', () => {
  it.for(['close', 'exit', 'signal', 'throw'])(
    'holds nobody up and loses nothing, in order, also at the end by %s',
    async (way, context) => {
      const result = await logTo(await requireTool(context, 'strace'), way)
      expect(result.stderr).not.toContain('pixsim7.logging')
      expect(result.numbers).toEqual(upTo(1000))
      expect(result.errorNumbers).toEqual(upTo(20).map((n) => n * 50))
      expect(result.events.map((fields) => fields?.['event'])).toContain('slow_disk')
      // Without the switch each ERROR would take two writes, 300 ms.
      expect(result.longestMs).toBeLessThan(WRITE_MS)
    },
  )

  it('loses nothing when its first write is the last, not even the news that it is slow', async (context) => {
    const { stderr, numbers, events } = await logTo(await requireTool(context, 'strace'), 'one')
    expect(stderr).toBe('')
    expect(numbers).toEqual([1])
    expect(events.map((fields) => fields?.['event'])).toEqual(['logging_started', 'slow_disk'])
  })

  it('costs a burst beyond the memory lines of low levels, all told, but hardly any time', async (context) => {
    const { numbers, errorNumbers, events, longestMs } = await logTo(
      await requireTool(context, 'strace'),
      'burst',
    )
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect(errorNumbers).toEqual(upTo(220).map((n) => n * 50))
    expect(numbers.filter((n) => n % 50 === 0)).toEqual(errorNumbers)
    const dropped = events.filter((fields) => fields?.['event'] === 'lines_dropped')
    expect(numbers.length).toBeLessThan(11_000)
    expect(dropped.reduce((sum, fields) => sum + Number(fields?.['count']), 0)).toBe(11_000 - numbers.length)
    expect(longestMs).toBeLessThan(5000)
  })
})
