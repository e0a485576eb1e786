import { requireTool, runProgram, waitFor } from '@pixsim7/testkit'
import { beforeAll, expect, test } from 'vitest'
import {
  ENVIRONMENT,
  linesOf,
  pixlogs,
  PIXLOGS,
  projectFolder,
  shell,
  startPixlogs,
  startServer,
} from './support/project.ts'
import { appendSample } from './support/sample-log.ts'

let folder: string

beforeAll(async () => {
  folder = await projectFolder('file')
  appendSample(folder)
  await startServer(folder, { lifetime: 'file' })
  await waitFor(async () => (await pixlogs(folder, ['count', 'job_id:hostile'])).stdout === '1\n', {
    intervalMs: 300,
  })
})

/** Runs pixlogs on a terminal of its own, 84 columns wide; what the terminal was sent, stdout and stderr together. */
async function onTerminal(script: string, args: string, env: Record<string, string> = {}): Promise<string> {
  const command = `stty cols 84 rows 50; '${process.execPath}' '${PIXLOGS}' ${args}`
  const { stdout } = await runProgram(script, ['-qec', command, '/dev/null'], {
    cwd: folder,
    env: { ...ENVIRONMENT, TERM: 'xterm', ...env },
  })
  return stdout.replaceAll('\r\n', '\n')
}

test('on a terminal the level alone is coloured; what the log holds is shown, not obeyed', async (context) => {
  const script = await requireTool(context, 'script')
  const shown = await onTerminal(script, 'search job_id:hostile')
  const escapes = shown.match(/\u001b\[[\d;]*[A-Za-z]/g)
  expect(escapes).toEqual(['\u001b[33m', '\u001b[0m'])
  expect(shown).toContain(
    '\u001b[33mWARNING\u001b[0m - \\u001b[31mred\\u0007\\u009b31m \\u202eback\\u0000\\nsecond line',
  )
  for (const plain of [
    await onTerminal(script, 'search job_id:hostile --no-color'),
    await onTerminal(script, 'search job_id:hostile', { NO_COLOR: '1' }),
  ])
    expect(plain).not.toContain('\u001b')
  const json = await onTerminal(script, 'search job_id:hostile --json')
  expect(json).not.toContain('\u001b')
  expect(JSON.parse(json)).toMatchObject({ job_id: 'hostile' })
})

test('on a terminal numbers are for people, tables fit its width, and counts over time have bars', async (context) => {
  const script = await requireTool(context, 'script')
  expect(await onTerminal(script, 'count --component worker')).toBe('1,203\n')
  const slow = linesOf(await onTerminal(script, 'slow --over 1s -n 1 --no-color'))
  const table = slow.slice(0, slow.indexOf(''))
  expect(table.length).toBeGreaterThan(2)
  expect(Math.max(...table.map((line) => [...line].length))).toBeLessThanOrEqual(84)
  expect(table.join('\n')).toContain('…')
  expect(await onTerminal(script, 'count --per minute --component backend')).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d {2}\d {2}█/,
  )
})

const COMMANDS = [
  'search',
  'tail',
  'count',
  'errors',
  'job',
  'request',
  'slow',
  'rpm',
  'stats',
  'services',
  'doctor',
  'logrotate',
]

test('help lists every command', async () => {
  const { code, stdout } = await pixlogs(folder, ['--help'])
  expect(code).toBe(0)
  const list = stdout.slice(stdout.indexOf('Commands:'), stdout.indexOf('Data goes'))
  expect([...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name)).toEqual([...COMMANDS, 'help'])
})

test.each(COMMANDS)('the examples of pixlogs %s --help work as they are printed', async (name) => {
  const { code, stdout } = await pixlogs(folder, [name, '--help'])
  const examples = linesOf(stdout.slice(stdout.indexOf('Examples:\n') + 10)).map((line) => line.trim())
  expect([code, examples.length > 0]).toEqual([0, true])
  await Promise.all(
    examples.map(async (example) => {
      if (name === 'tail') {
        // It goes on until it is ended; until then it must be content.
        const args = example
          .split(' ')
          .slice(1)
          .map((word) => word.replaceAll("'", ''))
        const tail = startPixlogs(folder, args)
        await waitFor(() => tail.stdout !== '' || tail.hasEnded)
        tail.signal('SIGTERM')
        expect([example, (await tail.exit).code, tail.stderr]).toEqual([example, 143, ''])
        return
      }
      const exit = await shell(folder, example)
      expect([example, exit.code === 0 || exit.code === 1, exit.stderr]).toEqual([
        example,
        true,
        expect.not.stringMatching(/pixlogs: |BUG|searched as text/),
      ])
    }),
  )
})
