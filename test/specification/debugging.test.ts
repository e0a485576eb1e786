/**
 * docs/debugging.md: every command and address it shows, on plain and on JSON files. Files, `pixlogs` and panel agree entry by
 * entry; what a pattern of the specification prints beyond that is what the page says.
 */
import type { LogRecord } from '@pixsim7/record'
import { launchChromium, requireTool, tempDir, waitFor } from '@pixsim7/testkit'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { PATIENCE_MS, stopSystem, type RunningSystem } from '../support/running-system.ts'
import { COMMANDS, ENVIRONMENT_BLOCK } from './commands.ts'
import { ApiUser } from './support/api-user.ts'
import { clientOf, keyOf } from './support/conservation.ts'
import { setNextId } from './support/database.ts'
import { readDebuggingPage, type Task } from './support/debugging-page.ts'
import { PanelReader } from './support/panel-reader.ts'
import { makePixlogs } from './support/pixlogs.ts'
import { recordOf, recordsOf } from './support/records.ts'
import { runInShell, startInShell, startOnTerminal, type Seat } from './support/shell.ts'
import { playStory, startForStory, type Story } from './support/story.ts'

interface Entry {
  readonly id: string
  readonly timestamp: string
  readonly level: string
  readonly logger: string
  readonly message: string
}

interface World {
  readonly format: 'plain' | 'json'
  system: RunningSystem
  seat: Seat
  story: Omit<Story, 'failed'>
}

/** A task whose answer is entries: which they are, and what the specification's pattern takes in besides. */
interface EntryTask {
  readonly isRight: (record: LogRecord, story: World['story']) => boolean
  readonly isTakenIn?: (record: LogRecord) => boolean
}

const ENTRY_TASKS: Readonly<Record<string, EntryTask>> = {
  'All errors of a job': {
    isRight: ({ level, fields }) => fields['job_id'] === 123 && level === 'ERROR',
    isTakenIn: ({ fields }) => fields['job_id'] === 1230,
  },
  'What happened to a job': { isRight: ({ fields }) => fields['job_id'] === 456 },
  'What troubles a user': {
    isRight: ({ level, fields }) => fields['user_id'] === 123 && !['DEBUG', 'INFO'].includes(level),
    isTakenIn: ({ fields }) => fields['user_id'] === 1234,
  },
  'What happened in a request': {
    isRight: ({ fields }, { failedLogin }) => fields['request_id'] === failedLogin.requestId,
  },
}
const OTHER_TASKS = ['Watch the worker', 'Requests per minute', 'Slow operations']

const page = readDebuggingPage()
// Filled in by beforeAll.
const worlds = [{ format: 'plain' } as World, { format: 'json' } as World]

async function start(world: World): Promise<void> {
  world.system = await startForStory(await tempDir('file'), {
    ...(world.format === 'plain' ? { envFile: ENVIRONMENT_BLOCK.text } : {}),
    environment: { TZ: 'UTC' },
  })
  const { folder, apiUrl } = world.system
  world.seat = { folder, zone: 'UTC', programs: makePixlogs(folder) }
  world.story = await playStory(world.system)
  // What the patterns take in besides: ids that contain the one looked for.
  await setNextId(world.system, 'jobs', 1230)
  await world.story.carla.waitForJob(await world.story.carla.order('poll-500'))
  await setNextId(world.system, 'users', 1234)
  await (await ApiUser.register(apiUrl, 'dora')).ask('GET', '/jobs/999999999')
}

beforeAll(async () => {
  await Promise.all(worlds.map(start))
}, 3 * PATIENCE_MS)

afterAll(async () => {
  await Promise.all(worlds.map(({ system }) => stopSystem(system)))
})

function taskOf(title: string): Task {
  return page.tasks.find((task) => task.title === title) ?? expect.unreachable(title)
}

it('knows every task of the page, and the page every command of the specification for one', () => {
  expect(page.unread).toEqual([])
  expect(page.tasks.map(({ title }) => title)).toEqual([...Object.keys(ENTRY_TASKS), ...OTHER_TASKS])
  const shown = page.tasks.map(({ files }) => files)
  for (const { heading, text } of COMMANDS) if (heading === 'Common Tasks') expect(shown).toContain(text)
})

describe.each(worlds)('on $format files', (world) => {
  let signingIn: Promise<PanelReader> | undefined
  const panelOf = (context: TestContext) =>
    (signingIn ??= launchChromium(context)
      .then((browser) => browser.newPage({ viewport: { width: 1400, height: 900 } }))
      .then((newPage) => PanelReader.signIn(newPage, world.system)))

  /** As it is written on the page, with an id that exists. */
  const written = (text: string | undefined) =>
    (text ?? expect.unreachable()).replaceAll('REQUEST_ID', world.story.failedLogin.requestId)
  const linesOf = async (command: string | undefined) =>
    (await runInShell(written(command), world.seat)).lines
  const keysOf = (lines: readonly string[]) => lines.flatMap((line) => recordOf(line) ?? []).map(keyOf)

  /** What pixlogs prints, as it is written and as JSON. */
  async function pixlogs(command: string | undefined): Promise<string> {
    const plain = await runInShell(written(command), world.seat)
    expect([plain.status, plain.lines.length > 0], plain.stderr).toEqual([0, true])
    const { lines, status, stderr } = await runInShell(`${written(command)} --json`, world.seat)
    expect(status, stderr).toBe(0)
    return lines.join('\n')
  }

  it.for(Object.entries(ENTRY_TASKS))(
    '%s: the same entries three times',
    async ([title, { isRight, isTakenIn }], context) => {
      const panel = await panelOf(context)
      const task = taskOf(title)
      const records = ['backend', 'worker'].flatMap((name) => recordsOf(world.system.logs, name))
      const right = records
        .filter((record) => isRight(record, world.story))
        .map(keyOf)
        .sort()
      expect(right.length).toBeGreaterThan(0)
      expect(keysOf(await linesOf(task.exact)).sort()).toEqual(right)

      const entries = (await pixlogs(task.pixlogs)).split('\n').map((line) => JSON.parse(line) as Entry)
      expect(entries.map(keyOf).sort()).toEqual(right)
      const shown = await panel.entries(written(task.panel))
      expect(shown.total).toBe(right.length)
      expect(shown.ids.sort()).toEqual(entries.map(({ id }) => id).sort())

      if (task.files === undefined) return
      const taken = await linesOf(task.files)
      const takenIn = taken
        .flatMap((line) => recordOf(line) ?? [])
        .filter((record) => !isRight(record, world.story))
      expect(takenIn.some((record) => isTakenIn?.(record))).toBe(true)
      const inFile = new Set(keysOf(taken))
      const file = /data\/logs\/(\w+)\.log/.exec(task.files)?.[1] ?? ''
      const rightInFile = recordsOf(world.system.logs, file).filter((record) => isRight(record, world.story))
      for (const record of rightInFile) expect(inFile).toContain(keyOf(record))
    },
  )

  it('Watch the worker: a job is seen three times as it happens, its polls are not', async (context) => {
    const task = taskOf('Watch the worker')
    const { carla } = world.story
    const script = await requireTool(context, 'script')
    const programs = [
      startOnTerminal(script, written(task.files), world.seat),
      startInShell(written(task.pixlogs), world.seat),
    ]
    const shown = await (await panelOf(context)).open(written(task.panel))
    await shown.locator('.list-frame').waitFor()
    // When this job is seen everywhere, all are listening.
    const first = await carla.order('ok')
    await carla.waitForJob(first)
    const second = await carla.order('ok')
    for (const program of programs) {
      await program.waitForLine(new RegExp(`Processing job #${second}`), { timeoutMs: PATIENCE_MS })
      expect(program.stdout).not.toContain('Job completed')
      program.kill()
    }
    await shown
      .locator('.row', { hasText: `Processing job #${second}` })
      .first()
      .waitFor()
    expect(await shown.locator('.row', { hasText: 'Job completed' }).count()).toBe(0)
  })

  it('Requests per minute: the same number three times', async (context) => {
    const panel = await panelOf(context)
    const task = taskOf('Requests per minute')
    const [files, exact] =
      world.format === 'plain' ? [task.files, task.exact] : [task.filesJson, task.exactJson]
    // Again when a minute ends meanwhile.
    await waitFor(
      async () => {
        const minute = new Date().toISOString().slice(0, 16)
        const { requestId } = await world.story.anna.askWell('GET', '/users/me')
        await waitFor(async () => (await clientOf(world.system).logs({ request_id: requestId })).total > 0)
        const counted = Number((await linesOf(exact))[0])
        const points = JSON.parse(await pixlogs(task.pixlogs)) as {
          points: { start: string; requests: number; records: number }[]
        }
        const from = `from=${minute}:00Z`
        const inPanel = await panel.tile(`${written(task.panel)}&${from}`, 'Requests')
        const all = Number((await linesOf(files))[0])
        if (new Date().toISOString().slice(0, 16) !== minute) return false
        const point = points.points.find(({ start }) => start.startsWith(minute))
        expect([counted, inPanel]).toEqual([point?.requests, point?.requests])
        expect(counted).toBeGreaterThan(0)
        expect(all).toBeGreaterThanOrEqual(counted)
        return true
      },
      { timeoutMs: PATIENCE_MS },
    )
  })

  it('Slow operations: the same entries three times', async (context) => {
    const panel = await panelOf(context)
    const task = taskOf('Slow operations')
    const exact = keysOf(await linesOf(task.exact))
    const slow = JSON.parse(await pixlogs(task.pixlogs)) as { total: number; logs: Entry[] }
    expect(slow.total).toBe(exact.length)
    expect(exact).toEqual(expect.arrayContaining(slow.logs.map(keyOf)))
    expect(await panel.slow(written(task.panel))).toBe(exact.length)
    // The one that waited for a lock is among them.
    const waited = recordsOf(world.system.logs, 'backend').find(
      ({ fields }) => fields['request_id'] === world.story.slow.requestId && 'path' in fields,
    )
    expect(exact).toContain(keyOf(waited ?? expect.unreachable()))
    const taken = keysOf(await linesOf(task.files))
    expect(taken).toEqual(expect.arrayContaining(exact))
    expect(taken.length).toBeGreaterThan(exact.length)
  })
})
