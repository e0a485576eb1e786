/**
 * The specification's two ways of rotation on the running system under traffic: the logrotate block with the real logrotate,
 * several times, and the manual block with and without its restart. No line is lost or doubled, in the files and in the store, and
 * archives stay searchable. A story: each test goes on where the one before it has stopped.
 */
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import path from 'node:path'
import { launchChromium, requireTool, runProgram, tempDir, waitFor } from '@pixsim7/testkit'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { PATIENCE_MS, stopSystem, type RunningSystem } from '../support/running-system.ts'
import { LOGROTATE_BLOCK, MANUAL_ROTATION_BLOCK } from './commands.ts'
import { ApiUser } from './support/api-user.ts'
import { clientOf, expectKeptInFiles, expectKeptInStore } from './support/conservation.ts'
import { makePixlogs } from './support/pixlogs.ts'
import { pidOf, startLogServer } from './support/processes.ts'
import { recordsOf } from './support/records.ts'
import { blockOfPage, readRotationPage } from './support/rotation-page.ts'
import { runInShell, startInShell } from './support/shell.ts'
import { startForStory } from './support/story.ts'
import { makeSystemctl, type Systemctl } from './support/systemctl.ts'
import { Traffic } from './support/traffic.ts'

/** Answers between two rotations. */
const PORTION = 60
const ROUNDS = 4

let system: RunningSystem
let systemctl: Systemctl
let carla: ApiUser
let traffic: Traffic

beforeAll(async () => {
  system = await startForStory(await tempDir('file'))
  systemctl = makeSystemctl(system)
  const users = await Promise.all(
    ['carla', 'anna', 'bert'].map((name) => ApiUser.register(system.apiUrl, name)),
  )
  carla = users[0] ?? expect.unreachable()
  await carla.addAccount('first')
  const job = await carla.order('download-404')
  await carla.waitForJob(job)
  traffic = new Traffic(users, await carla.waitForAsset(job, 'error'))
}, 3 * PATIENCE_MS)

afterAll(async () => {
  await traffic.stop()
  if (!system.program.hasEnded) await stopSystem(system)
})

/** A job from order to end, while lines move from file to file; its lines must be there once. */
async function orderAndWait(): Promise<number> {
  const job = await carla.order('ok')
  expect(await carla.waitForJob(job)).toBe('completed')
  return job
}

async function expectJobKept(job: number): Promise<void> {
  const expected = [`Processing job #${job}`, 'Job started', 'Asset created', 'Job completed']
  const messages = () =>
    recordsOf(system.logs, 'worker')
      .filter(({ fields }) => fields['job_id'] === job)
      .map(({ message }) => message)
  // The worker writes up to 50 ms after the database knows.
  await waitFor(() => expected.every((message) => messages().includes(message))).catch(() => undefined)
  for (const message of expected)
    expect(
      messages().filter((one) => one === message),
      message,
    ).toHaveLength(1)
}

/** The block with the path and the user of this machine; `systemctl` is ours. */
async function logrotateConfiguration(): Promise<string> {
  const group = (await runProgram('id', ['-gn'])).stdout.trim()
  const text = LOGROTATE_BLOCK.text
    .replace('/path/to/pixsim7', system.folder)
    .replace('pixsim pixsim', `${userInfo().username} ${group}`)
  const file = path.join(system.folder, 'logrotate.conf')
  writeFileSync(file, text, { mode: 0o644 })
  return file
}

async function logrotate(context: TestContext, configuration?: string): Promise<void> {
  const program = await requireTool(context, 'logrotate')
  const state = path.join(system.folder, 'logrotate.state')
  const file = configuration ?? (await logrotateConfiguration())
  const { code, stderr } = await runProgram(program, ['-f', '-s', state, file], {
    cwd: system.folder,
    env: { PATH: `${systemctl.programs}:${process.env['PATH'] ?? ''}` },
  })
  // The library may make the new file before logrotate does; then logrotate sets it aside under a name of its own, and says so.
  const said = stderr.split('\n').filter((line) => !/ already exists, renaming to \S+\.backup$/.test(line))
  expect([code, said.join('\n')]).toEqual([0, ''])
}

const manually = (text: string) => runInShell(text, { folder: system.folder, programs: systemctl.programs })

describe('logrotate', () => {
  it(`rotates ${ROUNDS} times under traffic: the services go on in new files, nothing is lost or doubled`, async (context) => {
    const pids = ['backend', 'worker', 'logs'].map((name) => pidOf(system, name))
    const jobs: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await traffic.more(PORTION)
      const ordered = orderAndWait()
      await logrotate(context)
      expect(systemctl.takeCalls()).toEqual(['reload pixsim7-backend', 'reload pixsim7-worker'])
      // The log server is not in the block: it finds out by itself, or is reloaded as well.
      if (round % 2 === 1) process.kill(pidOf(system, 'logs'), 'SIGHUP')
      jobs.push(await ordered)
    }
    await traffic.more(PORTION)
    for (const name of ['backend', 'worker', 'errors'])
      for (const ending of ['', '.1', '.2.gz', '.3.gz', '.4.gz'])
        expect(readdirSync(system.logs)).toContain(`${name}.log${ending}`)
    expect(['backend', 'worker', 'logs'].map((name) => pidOf(system, name))).toEqual(pids)
    await expectKeptInFiles(system.logs, traffic.answered)
    for (const job of jobs) await expectJobKept(job)
  })

  it('leaves tail -f with the renamed file; tail -F goes on in the new one', async (context) => {
    const file = 'data/logs/backend.log'
    const [old, following] = ['-f', '-F'].map((option) =>
      startInShell(`tail ${option} ${file}`, { folder: system.folder }),
    )
    const isShown = async () => (await carla.askWell('GET', '/users/me')).requestId
    for (const program of [old, following]) {
      // Asked until one is shown: tail may begin to read after the first.
      const asked: string[] = []
      await waitFor(async () => {
        asked.push(await isShown())
        return asked.some((id) => program?.stdout.includes(id))
      })
    }
    await logrotate(context)
    const later = await isShown()
    await following?.waitForLine(new RegExp(later))
    expect(old?.stdout).not.toContain(later)
  })
})

describe('by hand', () => {
  const withoutRestart = MANUAL_ROTATION_BLOCK.text
    .split('\n')
    .filter((line) => !line.startsWith('systemctl'))
    .join('\n')

  it('without the restart: the services find out by themselves and go on in new files', async () => {
    // The block packs every archive of a day once; logrotate's are its own.
    for (const name of readdirSync(system.logs).filter(
      (one) => /\.log\.\d/.test(one) && !one.endsWith('.gz'),
    ))
      expect((await runInShell(`gzip data/logs/${name}`, system)).status).toBe(0)
    const pids = ['backend', 'worker'].map((name) => pidOf(system, name))
    await traffic.more(PORTION)
    const { status, stderr } = await manually(withoutRestart)
    expect(
      stderr.split('\n').filter((line) => !/already has \.gz suffix -- unchanged$|^$/.test(line)),
    ).toEqual([])
    // gzip's way of saying that others had been packed before.
    expect([0, 2]).toContain(status)
    await traffic.more(PORTION)
    const job = await orderAndWait()
    expect(['backend', 'worker'].map((name) => pidOf(system, name))).toEqual(pids)
    for (const name of ['backend', 'worker', 'errors'])
      expect(
        readdirSync(system.logs).some((one) => new RegExp(`^${name}\\.log\\.20\\d{6}\\.gz$`).test(one)),
      ).toBe(true)
    await expectKeptInFiles(system.logs, traffic.answered)
    await expectJobKept(job)
  })

  it('as it stands, with the restart', async () => {
    // The day after: the names of the block are those of a day.
    for (const name of readdirSync(system.logs).filter((one) => /\.log\.20\d{6}\.gz$/.test(one)))
      renameSync(path.join(system.logs, name), path.join(system.logs, name.replace(/20\d{6}/, '20251111')))
    systemctl.takeCalls()
    await traffic.more(PORTION)
    await manually(MANUAL_ROTATION_BLOCK.text)
    expect(systemctl.takeCalls()).toEqual(['restart pixsim7-backend', 'restart pixsim7-worker'])
    await traffic.more(PORTION)
    await expectJobKept(await orderAndWait())
    await expectKeptInFiles(system.logs, traffic.answered)
  })
})

describe('the page on rotation', () => {
  it('shows the blocks of the specification as they stand, and nothing that is not run here', () => {
    const run = ['--env production', '--env staging', '--env development', 'sleep 1', 'zgrep'].map(
      blockOfPage,
    )
    expect(readRotationPage().filter((block) => !run.includes(block))).toEqual([
      LOGROTATE_BLOCK.text,
      MANUAL_ROTATION_BLOCK.text,
    ])
  })

  it('gives a manual rotation that can be repeated within a day', async () => {
    for (let round = 0; round < 2; round++) {
      await traffic.more(PORTION)
      const { status, stderr } = await manually(blockOfPage('sleep 1'))
      expect([status, stderr]).toEqual([0, ''])
    }
    await traffic.more(PORTION)
    expect(
      readdirSync(system.logs).filter((name) => /^backend\.log\.\d{8}-\d{6}\.gz$/.test(name)),
    ).toHaveLength(2)
    await expectKeptInFiles(system.logs, traffic.answered)
  })

  it('gives a configuration for each environment, which logrotate takes, and rotates by without a reload', async (context) => {
    const program = await requireTool(context, 'logrotate')
    const seat = { folder: system.folder, programs: makePixlogs(system.folder) }
    const files: string[] = []
    for (const [environment, days] of [
      ['production', 30],
      ['staging', 14],
      ['development', 7],
    ] as const) {
      const { lines, status } = await runInShell(blockOfPage(`--env ${environment}`), seat)
      expect(status).toBe(0)
      expect(
        lines.filter((line) => /^ +(daily|weekly|rotate)/.test(line)).map((line) => line.trim()),
      ).toEqual(['daily', `rotate ${days}`, 'weekly', 'rotate 13'])
      const file = path.join(system.folder, `${environment}.logrotate`)
      writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o644 })
      const { code, stderr } = await runProgram(program, ['-d', file])
      expect([code, /^error:/m.test(stderr)], stderr).toEqual([0, false])
      files.push(file)
    }
    systemctl.takeCalls()
    await logrotate(context, files.at(-1))
    expect(systemctl.takeCalls()).toEqual([])
    await traffic.more(PORTION)
    await traffic.stop()
    await expectKeptInFiles(system.logs, traffic.answered)
  })
})

describe('the log server', () => {
  it('has stored each line once through all of it', async () => {
    await traffic.stop()
    await expectKeptInStore(clientOf(system), system.logs)
  })

  it('finds every line again in the archives when its store is new, and the panel shows the file', async (context) => {
    await stopSystem(system)
    rmSync(path.join(system.folder, 'data/store'), { recursive: true })
    const { program, password } = await startLogServer(system)
    await waitFor(async () => (await clientOf(system).health()).status === 'ok', { timeoutMs: PATIENCE_MS })
    await expectKeptInStore(clientOf(system), system.logs)

    const archived = recordsOf(system.logs, 'backend').find(
      ({ file, logger }) => file === 'backend.log.4.gz' && logger === 'api.http',
    )
    const requestId = archived?.fields['request_id'] as string
    const search = blockOfPage('zgrep').replace('REQUEST_ID', requestId)
    expect((await runInShell(search, system)).lines).toContain(archived?.text)
    const { logs } = await clientOf(system).logs({ request_id: requestId, search: 'Request' })
    expect(logs.map(({ file }) => file)).toEqual(['backend.log.4.gz'])

    const browser = await launchChromium(context)
    const page = await browser.newPage()
    await page.goto(`${system.panelUrl}?request_id=${requestId}`)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('.row[data-id] .message').first().click()
    await page.getByRole('region', { name: 'Entry details' }).getByText('backend.log.4.gz').waitFor()
    await browser.close()
    expect((await program.stop()).code).toBe(0)
  })
})
