/**
 * What went wrong in the log reader that this panel takes the place of, one test for each fault: that ours does not have
 * it. They stand in the order of that reader's list of faults.
 */
import { appendFile, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Entry, LogsAnswer } from '@pixsim7/protocol'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { HOSTILE_MESSAGE, NOW_MS, sampleLines } from './log-lines.ts'
import { answered, messages, PanelFixture, PATIENCE_MS, rows, searchPart, total } from './panel-fixture.ts'

const PLAIN = '2025-11-11 22:30:45 - job_processor - INFO - Processing job #123 | job_id=123'
const BROKEN = '{"timestamp":"2025-11-11T22:30:45.123456Z","level":"INFO","logger":"api.http","mess'

let panel: PanelFixture
beforeAll(async () => {
  const { backend, worker } = sampleLines()
  panel = await PanelFixture.start({
    backend,
    worker: [
      ...worker,
      ...[5678, 56, 567].map((id) => ({
        logger: 'ids',
        message: `Job ${id} says ERROR 567`,
        fields: { user_id: 0, job_id: id },
      })),
    ],
  })
})

async function ask(question: string): Promise<LogsAnswer> {
  const response = await panel.ask(`/logs?${question}`)
  expect(response.status, question).toBe(200)
  return (await response.json()) as LogsAnswer
}

/** Asks until so many entries are there. */
async function until(question: string, count: number): Promise<readonly Entry[]> {
  await expect.poll(async () => (await ask(question)).total, { timeout: PATIENCE_MS }).toBe(count)
  return (await ask(question)).logs
}

const newest = (message: string) => ({ message, agoMs: NOW_MS - Date.now() })
const firstMessage = (page: Page) => rows(page).first().locator('.message-text').innerText()

describe('only one file was visible, the oldest first, read anew for each request', () => {
  it('every component and every archive is there, the newest first, and refreshing shows what is new', async (context) => {
    const archive = `${PLAIN.replace('job_processor', 'of.an.archive')}\n`
    await appendFile(path.join(panel.folder, 'worker.log.20251111.gz'), gzipSync(archive))
    await until('logger=of.an.archive', 1)
    const page = await panel.openSignedIn(context)
    expect(await page.locator('.choice[data-component]').allTextContents()).toEqual([
      expect.stringContaining('backend'),
      expect.stringContaining('worker'),
    ])
    await panel.append('backend', newest('the newest of all'))
    await until('q="the newest of all"', 1)
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await expect.poll(() => firstMessage(page), { timeout: PATIENCE_MS }).toBe('the newest of all')
  })

  it('an answer is a page of bounded size with the total of the whole, and other questions do not wait for it', async () => {
    const [page, health] = await Promise.all([ask('limit=50'), panel.ask('/health')])
    expect(health.status).toBe(200)
    expect(page.logs).toHaveLength(50)
    expect(page.total).toBeGreaterThan(300)
    expect((await panel.ask('/logs?limit=100000')).status).toBe(400)
  })
})

describe('a time without a zone broke every line and filled the file being read', () => {
  it('such a time is UTC, and reading writes nothing where it reads', async () => {
    const before = await sizes()
    const at = new Date(NOW_MS - 3_600_000).toISOString().slice(0, 19)
    const [withZone, without] = [await ask(`from=${at}Z&limit=1`), await ask(`from=${at}&limit=1`)]
    expect(without.total).toBe(withZone.total)
    expect(without.total).toBeGreaterThan(50)
    expect(await sizes()).toEqual(before)
  })

  async function sizes(): Promise<Record<string, number>> {
    const names = (await readdir(panel.folder)).filter((name) => name.includes('.log'))
    const contents = await Promise.all(names.map((name) => readFile(path.join(panel.folder, name))))
    return Object.fromEntries(names.map((name, index) => [name, contents[index]?.length ?? -1]))
  }
})

describe('log text ran as markup beside a token that scripts could read; the tail had no login and delivered nothing', () => {
  it('markup, terminal colours and marks of direction are text on every page and in every place', async (context) => {
    const component = '<img src=x onerror=window.wasRun=9>'
    await panel.append(component, {
      // Only the word of who runs is taken for the present state of what it depends on.
      message: 'Started',
      fields: { event: 'service_started', interval_sec: 3600 },
    })
    await panel.append(component, {
      level: 'ERROR',
      message: HOSTILE_MESSAGE,
      exception: `${HOSTILE_MESSAGE}\n    at <script>window.wasRun = 5</script>`,
      fields: {
        event: 'dependency_down',
        dependency: '<img src=x onerror="window.wasRun=6">',
        duration_ms: 99_000,
        method: 'GET',
        path: '<img src=x onerror="window.wasRun=7">',
        status_code: 500,
      },
    })
    await until('q="window.wasRun = 5"', 1)
    const page = await panel.openSignedIn(context, { search: '?q=%22window.wasRun%20%3D%205%22' })
    await total(page, 1)
    await rows(page).first().locator('.message').click()
    const trace = page.getByRole('region', { name: 'Stack trace' })
    expect(await trace.innerText()).toContain('<script>window.wasRun = 5</script>')
    expect(await trace.innerText()).toContain('ESC[31mred')
    for (const each of ['/requests', '/services', '/storage']) {
      await page.goto(panel.url + each)
      await answered(page)
      await page.getByText('<img src=x onerror').first().waitFor()
      if (each === '/services') {
        await page.locator('.service-detail', { hasText: '<script>window.wasRun' }).waitFor()
      }
      expect(await page.locator('img, script:not([src])').count(), each).toBe(0)
    }
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false)
  })

  it('no credential is in reach of scripts, and nothing is answered or tailed without one', async (context) => {
    const page = await panel.openSignedIn(context)
    const stores = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
    )
    const [session] = await page.context().cookies()
    expect(session?.httpOnly).toBe(true)
    expect(stores).not.toContain(session?.value ?? 'no session')
    for (const route of ['/logs', '/logs/tail', '/stats/services', '/stats/storage', '/stats/slow']) {
      expect((await fetch(`${panel.url}/api/v1${route}`)).status, route).toBe(401)
    }
  })

  it('the tail delivers', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?live=1' })
    await page.locator('.live-toggle .dot[data-state="on"]').waitFor()
    await panel.append('worker', newest('delivered'))
    await expect.poll(() => firstMessage(page), { timeout: PATIENCE_MS }).toBe('delivered')
  })
})

describe('what could not be asked for, and what was lost', () => {
  it.for([
    ['an end of time', `to=${new Date(NOW_MS - 3_600_000).toISOString()}&component=backend`, 134],
    ['a request id', 'request_id=request-7', 1],
    ['text of an exception', 'search=onConnectTimeout', 2],
    ['a level and above', 'q=level>=error -dependency:*', 3],
    ['user 0', 'user_id=0&logger=ids', 3],
  ] as const)('%s can be asked for', async ([, question, count]) => {
    expect((await ask(question)).total).toBe(count)
  })

  it('a line that is no record is shown as it stands, and counted', async (context) => {
    await appendFile(path.join(panel.folder, 'broken.log'), `${BROKEN}\n`)
    const [entry] = await until('component=broken', 1)
    expect(entry?.message).toBe(BROKEN)
    const page = await panel.openSignedIn(context, { search: '?component=broken' })
    expect(await messages(page)).toEqual([BROKEN])
    await page.getByTitle('Health of the log store').click()
    const row = page.getByRole('region', { name: 'Files' }).locator('tr', { hasText: 'broken.log' })
    await expect.poll(() => row.locator('td').last().innerText(), { timeout: PATIENCE_MS }).toBe('1')
  })

  it('an open entry stays the same one, at its place, when others arrive', async (context) => {
    const page = await panel.openSignedIn(context)
    await rows(page).nth(2).locator('.message').click()
    const open = page.locator('.row[data-open]')
    const id = await open.getAttribute('data-id')
    const text = await open.locator('.message-text').innerText()
    await panel.append('backend', newest('came while one was open'))
    await until('q="came while one was open"', 1)
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await expect
      .poll(() => rows(page).first().locator('.message-text').innerText(), { timeout: PATIENCE_MS })
      .toBe('came while one was open')
    expect(await open.getAttribute('data-id')).toBe(id)
    expect(await open.locator('.message-text').innerText()).toBe(text)
  })
})

describe('a second reader gave every line the present time', () => {
  it('lines of another format keep their own time, level and fields', async () => {
    await appendFile(path.join(panel.folder, 'plain.log'), `${PLAIN}\n`)
    const [entry] = await until('component=plain', 1)
    expect(entry).toMatchObject({
      level: 'INFO',
      logger: 'job_processor',
      message: 'Processing job #123',
      job_id: 123,
      timestamp: new Date('2025-11-11T22:30:45').toISOString().replace('Z', '000Z'),
    })
  })
})

describe('recipes found wrong lines', () => {
  it('a job is found exactly, and a level is a level, not a word of a message', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?job_id=567' })
    await total(page, 1)
    expect(await messages(page)).toEqual(['Job 567 says ERROR 567'])
    await page.goto(`${panel.url}/logs?q=${encodeURIComponent('job_id:567')}`)
    await total(page, 1)
    await page.goto(`${panel.url}/logs?logger=ids&level=ERROR`)
    await total(page, 0)
  })

  it('a day begins where the reader lives, and the URL says which instant that is', async (context) => {
    const page = await panel.openSignedIn(context)
    await page.getByTitle('Time range').click()
    await page.getByLabel('From').fill('2026-01-15T00:00')
    await page.getByRole('button', { name: 'Apply' }).click()
    await searchPart(page, '?from=2026-01-14T23%3A00%3A00.000Z')
  })
})
