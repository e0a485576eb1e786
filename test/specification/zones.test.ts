/**
 * A backend started alone, by the project's own command, with the specification's `.env` as it stands, in several time zones: it
 * says where it logs to, and the commands with `date` find its lines, whose times are local.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { freePort, tempDir, waitFor } from '@pixsim7/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PATIENCE_MS, stopSystem, type RunningSystem } from '../support/running-system.ts'
import { ENVIRONMENT_BLOCK } from './commands.ts'
import { ApiUser } from './support/api-user.ts'
import { COUNTS } from './support/command-cases.ts'
import { clockIn, countInShell, expectMinuteCounted, timeWritten } from './support/counting.ts'
import { databaseUrlOf } from './support/database.ts'
import { startComponent } from './support/processes.ts'
import { recordsIn } from './support/records.ts'
import { zoneOfAnotherDay } from './support/shell.ts'
import { loseDatabase, startForStory } from './support/story.ts'

interface Place {
  readonly zone: string
  readonly folder: string
  readonly user: ApiUser
  readonly firstDay: string
}

const ZONES = ['UTC', 'America/St_Johns', zoneOfAnotherDay()]
const places = new Map<string, Place>()
let system: RunningSystem

async function startIn(zone: string): Promise<Place> {
  const folder = await tempDir('file')
  const port = await freePort()
  const settings = `PORT=${port}\nDATABASE_URL=${databaseUrlOf(system)}\n`
  writeFileSync(path.join(folder, '.env'), `${ENVIRONMENT_BLOCK.text}${settings}`)
  const firstDay = clockIn(zone).slice(0, 10)
  const program = startComponent('backend', folder, { environment: { TZ: zone }, lifetime: 'file' })
  await program.waitForLine(/^PixSim7 backend \S+ ready/, { timeoutMs: PATIENCE_MS })
  for (const file of ['backend.log', 'errors.log'])
    expect(program.stdout).toContain(path.join(folder, 'data/logs', file))
  const name = `user-in-${zone.replaceAll(/\W/g, '-')}`
  return { zone, folder, firstDay, user: await ApiUser.register(`http://127.0.0.1:${port}`, name) }
}

beforeAll(async () => {
  system = await startForStory(await tempDir('file'))
  for (const place of await Promise.all(ZONES.map(startIn))) places.set(place.zone, place)
  // An error for each: without the database a request fails.
  await loseDatabase(system, await ApiUser.register(system.apiUrl, 'somebody'))
  for (const { user, folder } of places.values()) {
    await waitFor(() => readFileSync(path.join(folder, 'data/logs/errors.log'), 'utf8') !== '')
    await waitFor(async () => (await user.ask('GET', '/users/me')).status === 200)
  }
}, 3 * PATIENCE_MS)

afterAll(async () => {
  await stopSystem(system)
})

describe.each(ZONES)('in %s', (zone) => {
  const place = () => places.get(zone) ?? expect.unreachable()

  it('the errors of today are counted, by the day of the zone', async () => {
    const { folder, firstDay } = place()
    const records = recordsIn(path.join(folder, 'data/logs/errors.log'))
    const today = clockIn(zone).slice(0, 10)
    const right = records.filter((record) => timeWritten(record).startsWith(today))
    expect(records.length).toBeGreaterThan(0)
    if (today === firstDay) expect(right).toHaveLength(records.length)
    expect(await countInShell(COUNTS.ofToday.plain, { folder, zone })).toBe(right.length)
  })

  it('the requests of this minute are counted, by the clock of the zone', async () => {
    const { folder, user } = place()
    const file = path.join(folder, 'data/logs/backend.log')
    await expectMinuteCounted(COUNTS.ofThisMinute.plain, { seat: { folder, zone }, file, zone, user })
    // A clock that is half an hour ahead sees none.
    const elsewhere = zone === 'UTC' ? 'Asia/Kolkata' : 'UTC'
    expect(await countInShell(COUNTS.ofThisMinute.plain, { folder, zone: elsewhere })).toBe(0)
  })
})
