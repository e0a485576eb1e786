import type { Entry } from '@pixsim7/protocol/client'
import { freePort, waitFor } from '@pixsim7/testkit'
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  appendLines,
  isAlive,
  linesOf,
  pixlogs,
  projectFolder,
  socketOf,
  startPixlogs,
  startServer,
  TOKEN,
} from './support/project.ts'

const LINES = Array.from({ length: 500 }, (_, index) => ({ message: `line ${index}`, index }))

/** The process that has, or last had, the store of a folder open: the engine. */
function engineOf(folder: string): number {
  return Number(/^PID: (\d+)/.exec(readFileSync(path.join(folder, 'data/store/chdb/status'), 'utf8'))?.[1])
}

/** Its log server. */
function serverOf(folder: string): number {
  return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(engineOf(folder))], { encoding: 'utf8' }))
}

function isStoreOpen(folder: string): boolean {
  return isAlive(engineOf(folder))
}

test('without a log server pixlogs starts one for the command, which has read everything, and leaves nothing behind', async () => {
  const folder = await projectFolder()
  appendLines(folder, 'worker.log', LINES)
  const counted = await pixlogs(folder, ['count'])
  expect([counted.code, counted.stdout]).toEqual([0, '500\n'])
  expect(isStoreOpen(folder)).toBe(false)
  expect(readdirSync(path.join(folder, 'data/store'))).toEqual(['chdb'])
  expect(readdirSync(path.join(folder, 'data/logs'))).toEqual(['worker.log'])
  expect((await pixlogs(folder, ['search', 'nowhere'])).code).toBe(1)
})

test('a log server started for a command has read archives to their end, too', async () => {
  const folder = await projectFolder()
  const lines = Array.from({ length: 30_000 }, (_, index) => ({ message: `archived line ${index}`, index }))
  appendLines(folder, 'worker.log.2', lines)
  const archive = path.join(folder, 'data/logs/worker.log.2')
  writeFileSync(`${archive}.gz`, gzipSync(readFileSync(archive)))
  rmSync(archive)
  appendLines(folder, 'worker.log', LINES)
  expect(await pixlogs(folder, ['count'])).toMatchObject({ code: 0, stdout: '30500\n' })
})

test('several commands at once without a log server all get their answer', async () => {
  const folder = await projectFolder()
  appendLines(folder, 'worker.log', LINES)
  const answers = await Promise.all([1, 2, 3].map(() => pixlogs(folder, ['count'])))
  expect(answers.map(({ code, stdout }) => [code, stdout])).toEqual([1, 2, 3].map(() => [0, '500\n']))
  expect(isStoreOpen(folder)).toBe(false)
})

test('kill -9 of pixlogs ends the log server it has started; the socket it leaves disturbs nobody', async () => {
  const folder = await projectFolder()
  appendLines(folder, 'worker.log', LINES)
  const tail = startPixlogs(folder, ['tail', '-n', '1'])
  await tail.waitForLine(/line 499/)
  const server = serverOf(folder)
  expect(isAlive(server)).toBe(true)
  tail.signal('SIGKILL')
  await waitFor(() => !isAlive(server), { what: 'the log server to end' })

  const second = startPixlogs(folder, ['tail', '-n', '1'])
  await second.waitForLine(/line 499/)
  const victim = serverOf(folder)
  process.kill(victim, 'SIGKILL')
  await waitFor(() => !isAlive(victim))
  second.signal('SIGKILL')
  expect((await pixlogs(folder, ['count'])).stdout).toBe('500\n')
})

test('tail prints the last lines, then each new one once, over a restart of the log server; Ctrl-C ends it with 130', async () => {
  const folder = await projectFolder()
  appendLines(folder, 'worker.log', LINES.slice(0, 20))
  const first = await startServer(folder)
  await waitFor(async () => (await pixlogs(folder, ['count', '--component', 'worker'])).stdout === '20\n')
  const tail = startPixlogs(folder, ['tail', '--component', 'worker', '--json', '-n', '5'])
  await tail.waitForLine(/"line 19"/)
  appendLines(folder, 'worker.log', LINES.slice(20, 40))
  await tail.waitForLine(/"line 39"/)
  first.program.signal('SIGKILL')
  await first.program.exit
  appendLines(folder, 'worker.log', LINES.slice(40, 60))
  // With no server left it starts one for itself, and goes on.
  await tail.waitForLine(/"line 59"/)
  tail.signal('SIGINT')
  expect((await tail.exit).code).toBe(130)
  const messages = linesOf(tail.stdout).map((line) => (JSON.parse(line) as Entry).message)
  expect(messages).toEqual(LINES.slice(15, 60).map(({ message }) => message))
  expect(tail.stderr).toMatch(/Trying again …[\s\S]*connected again/)
  expect(isStoreOpen(folder)).toBe(false)
})

test('--url and a token lead to a log server elsewhere; a wrong token and nobody there are status 2, with what to do', async () => {
  const folder = await projectFolder()
  const elsewhere = await projectFolder()
  appendLines(folder, 'worker.log', LINES)
  const { url } = await startServer(folder)
  const count = ['count', '--component', 'worker']
  await waitFor(async () => (await pixlogs(folder, count)).stdout === '500\n')

  const byOption = await pixlogs(elsewhere, [...count, '--url', url, '--token', TOKEN])
  expect([byOption.code, byOption.stdout]).toEqual([0, '500\n'])
  const bySettings = await pixlogs(elsewhere, count, { PIXLOGS_URL: url, LOGS_API_TOKEN: TOKEN })
  expect([bySettings.code, bySettings.stdout]).toEqual([0, '500\n'])
  const byPort = await pixlogs(elsewhere, count, { LOGS_PORT: new URL(url).port, LOGS_API_TOKEN: TOKEN })
  expect([byPort.code, byPort.stdout]).toEqual([0, '500\n'])

  for (const token of [['--token', 'wrong'], []]) {
    const refused = await pixlogs(elsewhere, [...count, '--url', url, ...token])
    expect([refused.code, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toMatch(/refuses the token, or was given none\. Set LOGS_API_TOKEN/)
  }
  const nobody = await pixlogs(elsewhere, [...count, '--url', `http://127.0.0.1:${await freePort()}`])
  expect([nobody.code, nobody.stdout]).toEqual([2, ''])
  expect(nobody.stderr).toMatch(/No answer from the log server[\s\S]*npm run logs/)
  const settings = await pixlogs(elsewhere, count, { LOGS_PORT: 'many', PIXLOGS_URL: 'ftp://x' })
  expect(settings.code).toBe(2)
  expect(settings.stderr).toMatch(/LOGS_PORT="many"[\s\S]*PIXLOGS_URL|PIXLOGS_URL[\s\S]*LOGS_PORT="many"/)
  expect(existsSync(path.join(elsewhere, 'data/store'))).toBe(false)
})

test('where nothing logs, nothing is asked and nothing is made', async () => {
  const folder = await projectFolder()
  const empty = path.join(folder, 'empty')
  mkdirSync(empty)
  writeFileSync(path.join(empty, '.env'), '')
  const { code, stderr } = await pixlogs(empty, ['search', 'x'])
  expect([code, readdirSync(empty)]).toEqual([2, ['.env']])
  expect(stderr).toMatch(/There is nothing to ask here/)
})

test('a data folder with too long a path is told, with the token as the way out', async () => {
  const folder = await projectFolder()
  const dataDir = path.join(folder, 'x'.repeat(104 - folder.length))
  const { code, stderr } = await pixlogs(folder, ['count'], { LOGS_DATA_DIR: dataDir })
  expect(code).toBe(2)
  expect(stderr).toMatch(/longer than the 103 bytes a socket can have.*LOGS_API_TOKEN/)
})

test('doctor tells what is there, what is wrong and what to do next', async () => {
  const folder = await projectFolder()
  const absent = await pixlogs(folder, ['doctor'])
  expect([absent.code, existsSync(socketOf(folder))]).toEqual([1, false])
  expect(absent.stdout).toMatch(/✗ No log server runs.*\n {2}Start one: npm run logs/)
  expect(absent.stdout).toMatch(/✗ There are no log files in/)

  appendLines(folder, 'worker.log', LINES)
  writeFileSync(path.join(folder, 'data/logs/odd.log'), 'no record at all\n')
  const { url } = await startServer(folder)
  expect(lstatSync(socketOf(folder)).isSocket()).toBe(true)
  const well = await waitFor(async () => {
    const answer = await pixlogs(folder, ['doctor'])
    return answer.stdout.includes('1 line is no record') && answer
  })
  expect([well.code, well.stderr]).toEqual([0, 'All is well.\n'])
  expect(well.stdout).toMatch(/✓ The log server of .* answers[\s\S]*✓ It follows 3 files[\s\S]*✓ All/)
  const json = await pixlogs(folder, ['health', '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({ is_well: true, health: { status: 'ok' } })
  const refused = await pixlogs(folder, ['doctor', '--url', url])
  expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('✗ It refuses the token')])
})
