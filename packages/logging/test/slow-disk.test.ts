import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseJsonLine } from '@pixsim7/record'
import { requireTool, runProgram, tempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'

const PROGRAM = path.join(import.meta.dirname, 'programs', 'log-to-slow-disk.mjs')
/** Far more than any write takes here, and than the library takes for slow. */
const WRITE_MS = 150

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe('a disk that takes 150 ms for each write', () => {
  it.for(['close', 'exit', 'signal', 'throw'])(
    'holds nobody up and loses nothing, in order, also at the end by %s',
    async (way, context) => {
      const strace = await requireTool(context, 'strace')
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
      readFileSync(path.join(folder, name), 'utf8').trimEnd().split('\n').map((line) => parseJsonLine(line)) // prettier-ignore
      const records = read('backend.log')
      const lines = records.filter((record) => record?.logger === 'slow')
      expect(stderr).not.toContain('pixsim7.logging')
      expect(lines.map((record) => record?.fields['n'])).toEqual(upTo(1000))
      expect(read('errors.log').flatMap((record) => record?.fields['n'] ?? [])).toEqual(
        upTo(20).map((n) => n * 50),
      )
      expect(records.map((record) => record?.fields['event'])).toContain('slow_disk')
      // Without the switch each ERROR would take two writes, 300 ms.
      expect(Number(/longest (\d+) ms/.exec(stdout)?.[1])).toBeLessThan(WRITE_MS)
    },
  )
})
