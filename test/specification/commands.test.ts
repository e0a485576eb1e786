/**
 * Every command of the specification, as it stands there, in a real shell on the files of the running system with its default
 * settings: every right line is printed, and a planted wrong one is not. What is right is known from the answers of the API and
 * from the records' own fields. The same commands on JSON files, with what must be changed there.
 */
import { requireTool, tempDir, waitFor } from '@pixsim7/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PATIENCE_MS, stopSystem, type RunningSystem } from '../support/running-system.ts'
import { COMMANDS, ENVIRONMENT_BLOCK } from './commands.ts'
import { COUNTS, FOLLOWS, SEARCHES, type Follow, type LogFile, type Search } from './support/command-cases.ts'
import { clockIn, countInShell, expectMinuteCounted, timeWritten } from './support/counting.ts'
import { recordsIn, type WrittenRecord } from './support/records.ts'
import { runInShell, startInShell, startOnTerminal, zoneOfAnotherDay, type Seat } from './support/shell.ts'
import { loseDatabase, playStory, startForStory, type Story } from './support/story.ts'

/** Where the system and the shell are. JSON lines are in UTC all the same. */
const ZONE = zoneOfAnotherDay()

interface World {
  readonly format: 'plain' | 'json'
  /** Of the times in the lines. */
  readonly zone: string
  system: RunningSystem
  story: Story
  /** On which the first line was written. */
  firstDay: string
}

// Filled in by beforeAll.
const worlds = [{ format: 'plain', zone: ZONE } as World, { format: 'json', zone: 'UTC' } as World]

function today({ zone }: World): string {
  return clockIn(zone).slice(0, 10)
}

function seatIn({ system }: World): Seat {
  return { folder: system.folder, zone: ZONE }
}

function fileIn({ system }: World, file: LogFile): string {
  return `${system.logs}/${file}.log`
}

async function start(world: World): Promise<void> {
  world.firstDay = today(world)
  world.system = await startForStory(await tempDir('file'), {
    // `npm start` writes JSON unless .env says otherwise, as the specification's does.
    ...(world.format === 'plain' ? { envFile: ENVIRONMENT_BLOCK.text } : {}),
    environment: { TZ: ZONE },
  })
  const story = await playStory(world.system)
  world.story = { ...story, failed: await loseDatabase(world.system, story.anna) }
  await waitFor(() => {
    const records = recordsIn(fileIn(world, 'errors'))
    return records.filter(({ level }) => level === 'CRITICAL').length >= 2
  })
}

beforeAll(async () => {
  await Promise.all(worlds.map(start))
}, 3 * PATIENCE_MS)

afterAll(async () => {
  await Promise.all(worlds.map(({ system }) => stopSystem(system)))
})

it('knows what to expect of every command', () => {
  const counts = Object.values(COUNTS).map(({ plain }) => plain)
  const known = [...Object.keys(SEARCHES), ...counts, ...Object.keys(FOLLOWS)]
  expect(known.sort()).toEqual(COMMANDS.map(({ text }) => text).sort())
})

describe.each(worlds)('on $format files', (world) => {
  it.each(Object.entries<Search>(SEARCHES))('%s prints every right line', async (command, search) => {
    const records = recordsIn(fileIn(world, search.file))
    const right = records.filter((record) => search.isRight(record, world.story))
    const known = search.known(world.story)
    expect(known.length).toBeGreaterThan(0)
    for (const [index, isKnown] of known.entries()) expect(right.some(isKnown), `line ${index}`).toBe(true)
    const wrong = records.filter((record) => search.isWrong(record))
    expect(wrong.length).toBeGreaterThan(0)

    const { lines, status } = await runInShell(command, seatIn(world))
    expect(status).toBe(0)
    expect(lines).toEqual(expect.arrayContaining(right.map(({ text }) => text)))
    const printed = new Set(lines)
    expect(wrong.filter(({ text }: WrittenRecord) => printed.has(text))).toEqual([])
  })

  it('counts the errors of today', async () => {
    const command = COUNTS.ofToday[world.format]
    const records = recordsIn(fileIn(world, 'errors'))
    expect(records.length).toBeGreaterThan(3)
    const right = records.filter((record) => timeWritten(record).startsWith(today(world)))
    // Stack lines are not counted as errors of their own.
    expect(await countInShell(command, seatIn(world))).toBe(right.length)
    if (today(world) !== world.firstDay) return
    expect(right).toHaveLength(records.length)
    // Where the shell's day is not the file's, nothing is found.
    const elsewhere = world.format === 'plain' ? { ...seatIn(world), zone: 'UTC' } : seatIn(world)
    expect(await countInShell(COUNTS.ofToday.plain, elsewhere)).toBe(0)
  })

  it('counts the requests of this minute', async () => {
    const command = COUNTS.ofThisMinute[world.format]
    const file = fileIn(world, 'backend')
    const user = world.story.anna
    await expectMinuteCounted(command, { seat: seatIn(world), file, zone: world.zone, user })
    if (world.format === 'json') expect(await countInShell(COUNTS.ofThisMinute.plain, seatIn(world))).toBe(0)
  })

  it.for(Object.entries<Follow>(FOLLOWS))(
    '%s shows what happens from now on',
    async ([command, follow], context) => {
      const isPiped = command.includes('|')
      const program = isPiped
        ? startOnTerminal(await requireTool(context, 'script'), command, seatIn(world))
        : startInShell(command, seatIn(world))
      // The last lines of the file come first; of those that are searched there may be none.
      if (!isPiped) await program.waitForLine(/./)
      const expected = await follow.act(world.story)
      await program.waitForLine(new RegExp(expected), { timeoutMs: PATIENCE_MS })
      expect(program.stdout).not.toMatch(follow.wrong)
    },
  )
})
