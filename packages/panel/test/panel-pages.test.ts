/** The pages beside the log: requests, services, storage; and the way between them. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { violations } from './accessibility.ts'
import { NOW_MS, type Line } from './log-lines.ts'
import { answered, messages, PanelFixture, PATIENCE_MS, searchPart, total } from './panel-fixture.ts'

const MINUTE_MS = 60_000

function request(agoMs: number, status: number, durationMs: number): Line {
  return {
    level: status >= 500 ? 'ERROR' : status >= 400 ? 'WARNING' : 'INFO',
    logger: 'api.http',
    message: status >= 400 ? 'Request refused' : 'Request answered',
    agoMs,
    fields: { method: 'GET', path: '/api/v1/jobs', status_code: status, duration_ms: durationMs },
  }
}

/** 30 requests of the last half hour, two of them client errors and one a server error; who runs; a day before. */
function lines(): Record<string, Line[]> {
  const heart = (name: string, agoMs: number, fields: object = {}): Line => ({
    logger: 'service',
    message: `${name} is alive`,
    agoMs,
    fields: { event: 'heartbeat', interval_sec: 3600, pid: 7, ...fields },
  })
  const started = (name: string, agoMs: number): Line => ({
    logger: 'service',
    message: `${name} started`,
    agoMs,
    fields: { event: 'service_started', interval_sec: 3600, pid: 7 },
  })
  return {
    backend: [
      started('backend', 120 * MINUTE_MS),
      ...Array.from({ length: 30 }, (_, index) =>
        request((30 - index) * MINUTE_MS, index === 7 ? 503 : index % 10 === 3 ? 404 : 200, (index + 1) * 10),
      ).filter((_, index) => index !== 23),
      request(7 * MINUTE_MS, 200, 240),
      {
        level: 'ERROR',
        logger: 'provider.pixverse',
        message: 'Pixverse does not answer <b>at all</b>',
        agoMs: MINUTE_MS,
        fields: { event: 'dependency_down', dependency: 'pixverse', pid: 7 },
      },
      heart('backend', 0, { dependencies: { database: 'up' } }),
    ],
    worker: [
      { message: 'A day before', agoMs: 24 * 60 * MINUTE_MS },
      started('worker', 24 * 60 * MINUTE_MS),
      heart('worker', 5 * 60 * MINUTE_MS),
      {
        level: 'INFO',
        logger: 'job_processor',
        message: 'Job "one" completed',
        agoMs: 2 * MINUTE_MS,
        fields: { duration_sec: 75, job_id: 1 },
      },
    ],
    mailer: [
      { ...started('mailer', 90 * MINUTE_MS) },
      {
        logger: 'service',
        message: 'mailer stopped',
        agoMs: 80 * MINUTE_MS,
        fields: { event: 'service_stopped', pid: 7 },
      },
    ],
  }
}

let panel: PanelFixture
beforeAll(async () => {
  panel = await PanelFixture.start(lines())
})

const card = (page: Page, name: string) => page.getByRole('article', { name, exact: true })
const status = (page: Page, name: string) => card(page, name).locator('.status').innerText()
const pages = (page: Page) => page.getByRole('navigation', { name: 'Pages of the panel' })
const tile = (page: Page, name: RegExp) => page.locator('.tile').filter({ hasText: name })
const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)

describe('the services page', () => {
  it('says who is up, down, silent, since when, by whom told, in words and shapes', async (context) => {
    const page = await panel.openSignedIn(context, { path: '/services' })
    expect(await page.title()).toBe('Services – PixSim7 Logs')
    expect(await status(page, 'backend')).toBe('Up')
    expect(await status(page, 'logserver')).toBe('Up')
    expect(await status(page, 'worker')).toBe('Silent')
    expect(await status(page, 'mailer')).toBe('Down')
    expect(await status(page, 'database')).toBe('Up')
    expect(await status(page, 'pixverse')).toBe('Down')
    expect(await page.locator('.page-summary').innerText()).toBe('2 down, 1 silent, 3 up')
    const shapes = await page
      .locator('.status path')
      .evaluateAll((all) => all.map((each) => each.getAttribute('d')))
    expect(new Set(shapes).size).toBe(3)
    expect(await card(page, 'database').innerText()).toMatch(/Told by\s*backend/)
    expect(await card(page, 'backend').innerText()).toMatch(/Since\s*\d{4}-\d\d-\d\d .* 2 h ago/)
    expect(await card(page, 'pixverse').locator('.service-detail').innerText()).toContain('<b>at all</b>')
  })

  it('leads to the entry that says so and to the log of the component', async (context) => {
    const page = await panel.openSignedIn(context, { path: '/services' })
    await card(page, 'mailer').getByRole('link', { name: 'The entry that says so' }).click()
    await page.getByRole('region', { name: 'Entry details' }).getByText('mailer stopped').first().waitFor()
    await page.goBack()
    await card(page, 'mailer').getByRole('link', { name: 'Its log' }).click()
    await searchPart(page, '?component=mailer')
    await total(page, 2)
    await page.goBack()
    await card(page, 'pixverse').getByRole('link', { name: 'Its ups and downs' }).click()
    await total(page, 1)
    expect(await messages(page)).toEqual(['Pixverse does not answer <b>at all</b>'])
  })

  it('follows by itself', async (context) => {
    const page = await panel.openSignedIn(context, { path: '/services' })
    await panel.append('mailer', {
      message: 'mailer started again',
      agoMs: NOW_MS - Date.now(),
      fields: { event: 'service_started', interval_sec: 3600, pid: 8 },
    })
    await card(page, 'mailer').locator('.status[data-status="up"]').waitFor()
    expect(await page.locator('.page-summary').innerText()).toBe('1 down, 1 silent, 4 up')
  })
})

describe('the requests page', () => {
  it('counts the requests, their errors and durations minute by minute, as a drawing and as a table', async (context) => {
    const page = await panel.openSignedIn(context, { path: '/requests' })
    expect(
      await tile(page, /^Requests/)
        .locator('b')
        .innerText(),
    ).toBe('30')
    expect(await tile(page, /^Client errors/).innerText()).toContain('6.7 %')
    expect(
      await tile(page, /^Server errors/)
        .locator('b')
        .innerText(),
    ).toBe('1')
    const table = await page
      .getByRole('table', { name: 'Requests over time' })
      .locator('tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)))
    const column = (index: number) => table.reduce((sum, row) => sum + Number(row[index]), 0)
    expect([column(1), column(2), column(3)]).toEqual([30, 2, 1])
    expect(table.length).toBeGreaterThanOrEqual(28)
    expect(await page.locator('.bars .fill-ERROR').count()).toBe(1)
    await tile(page, /^Client errors/).click()
    await total(page, 2)
    expect(await messages(page)).toEqual(['Request refused', 'Request refused'])
    await page.goBack()
    await tile(page, /^Requests/).click()
    await total(page, 30)
    await page.goBack()
    await answered(page)
    expect(
      await tile(page, /^Requests/)
        .locator('b')
        .innerText(),
    ).toBe('30')
  })

  it('is narrowed by time on the chart and by a query, and its URL holds both', async (context) => {
    const page = await panel.openSignedIn(context, { path: '/requests' })
    await page.getByRole('searchbox').fill('status_code:>=400')
    await searchPart(page, '?q=status_code%3A%3E%3D400')
    await expect
      .poll(
        () =>
          tile(page, /^Requests/)
            .locator('b')
            .innerText(),
        { timeout: PATIENCE_MS },
      )
      .toBe('3')
    await page.getByText('Understood as: status_code is at least 400').waitFor()
    await page.getByRole('button', { name: 'Remove filter query status_code:>=400' }).click()
    await searchPart(page, '')
    await page.getByRole('slider').focus()
    await page.keyboard.press('End')
    for (let step = 0; step < 9; step++) await page.keyboard.press('Shift+ArrowLeft')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url(), { timeout: PATIENCE_MS }).toMatch(/from=\d{4}-.*&to=\d{4}-/)
    await answered(page)
    const few = Number(
      await tile(page, /^Requests/)
        .locator('b')
        .innerText(),
    )
    expect(few).toBeGreaterThan(4)
    expect(few).toBeLessThan(12)
    await page.getByRole('button', { name: 'Clear all' }).click()
    await searchPart(page, '')
  })

  it('lists slow operations and the slowest entries over a limit, each with its way into the log', async (context) => {
    const page = await panel.openSignedIn(context, { path: '/requests' })
    const operations = page.getByRole('region', { name: 'Slow operations' }).locator('tbody tr')
    expect(await operations.first().innerText()).toMatch(
      /^Job "one" completed\s+worker\s+job_processor\s+1\s/,
    )
    expect(await operations.first().innerText()).toContain('1 min 15 s')
    await page.getByLabel('Least duration in milliseconds').fill('250')
    await searchPart(page, '?over_ms=250')
    await page.getByRole('link', { name: '7 in the log' }).waitFor()
    const slowest = page.getByRole('region', { name: 'Slowest entries' }).locator('tbody tr')
    expect(await slowest.locator('td:first-child').allInnerTexts()).toEqual([
      ...['1 min 15 s', '300 ms', '290 ms', '280 ms', '270 ms', '260 ms', '250 ms'],
    ])
    await page.getByRole('link', { name: '7 in the log' }).click()
    await total(page, 7)
    await page.goBack()
    await operations.first().getByRole('link').click()
    await total(page, 1)
    await page.goBack()
    await slowest.nth(1).getByRole('link').click()
    await page.getByRole('region', { name: 'Entry details' }).waitFor()
    await page.goto(`${panel.url}/requests?over_ms=99999999`)
    await page.getByText('Nothing took 27 h 46 min or longer').waitFor()
  })

  it('without requests says what a request is, and where some may be', async (context) => {
    const page = await panel.openSignedIn(context, { path: '/requests', search: '?from=-1m' })
    await page.getByRole('heading', { name: 'No requests: Last 1 minute' }).waitFor()
    await page.getByRole('button', { name: 'Widen the time to last 15 minutes' }).click()
    await searchPart(page, '?from=-15m')
    await tile(page, /^Requests/).waitFor()
  })
})

describe('the storage page', () => {
  it('shows lines and bytes per day and component, retention, and the projection beside the estimates', async (context) => {
    const page = await panel.openSignedIn(context, { path: '/storage' })
    await page.getByRole('button', { name: 'Lines', exact: true }).click()
    await searchPart(page, '?measure=lines')
    const rows = page.getByRole('region', { name: 'Written per day and component' }).locator('tbody tr')
    const today = new Date(NOW_MS).toISOString().slice(0, 10)
    const cells = (await rows.allInnerTexts()).map((row) => row.split('\t').map((cell) => cell.trim()))
    const sum = cells.reduce((all, row) => all + Number(row.at(-1)), 0)
    expect(sum).toBeGreaterThanOrEqual(32 + 5 + 2)
    expect(cells.length).toBeGreaterThanOrEqual(2)
    expect(cells[0]?.[0] ?? '').toBe(today)
    expect(await page.locator('.bars rect').count()).toBeGreaterThanOrEqual(3)
    const projection = page.getByRole('region', { name: 'Projection' })
    expect(await projection.locator('tr', { hasText: 'backend' }).innerText()).toContain('50 MB – 200 MB')
    expect(await projection.locator('tr', { hasText: 'worker' }).innerText()).toContain('100 MB – 500 MB')
    expect(await projection.locator('tr', { hasText: 'errors' }).innerText()).toContain('in 90 d')
    expect(await tile(page, /^Errors kept/).count()).toBe(1)
    await page.reload()
    expect(await page.getByRole('button', { name: 'Lines', exact: true }).getAttribute('aria-pressed')).toBe(
      'true',
    )
    await page.getByRole('link', { name: today }).click()
    await expect.poll(() => new URL(page.url()).pathname, { timeout: PATIENCE_MS }).toBe('/logs')
    await answered(page)
  })
})

describe('the way between the pages', () => {
  it('is a navigation: links, back and forward, titles, and each page as it was left', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?component=mailer' })
    const current = () => pages(page).locator('[aria-current="page"]').innerText()
    expect(await current()).toBe('Logs')
    for (const name of ['Requests', 'Services', 'Storage']) {
      await pages(page).getByRole('link', { name }).focus()
      await page.keyboard.press('Enter')
      await expect.poll(() => page.title(), { timeout: PATIENCE_MS }).toBe(`${name} – PixSim7 Logs`)
      expect(new URL(page.url()).pathname).toBe(`/${name.toLowerCase()}`)
      expect(await current()).toBe(name)
      await answered(page)
      await page.getByRole('heading', { name, exact: true, level: 2 }).waitFor()
    }
    await page.goBack()
    await expect.poll(current, { timeout: PATIENCE_MS }).toBe('Services')
    await page.goForward()
    await expect.poll(current, { timeout: PATIENCE_MS }).toBe('Storage')
    await pages(page).getByRole('link', { name: 'Logs' }).click()
    await searchPart(page, '?component=mailer')
    expect(await page.title()).toMatch(/PixSim7 Logs$/)
    await page.goto(`${panel.url}/nonsense`)
    await expect.poll(() => new URL(page.url()).pathname, { timeout: PATIENCE_MS }).toBe('/logs')
  })

  it.for([
    ['light', 1440],
    ['dark', 390],
  ] as const)('fits every screen and reader (%s, %i pixels)', async ([colorScheme, width], context) => {
    const page = await panel.openSignedIn(context, { colorScheme, width, height: 844 })
    for (const path of ['/requests', '/services', '/storage']) {
      await page.goto(panel.url + path)
      await answered(page)
      expect(await overflow(page), path).toBe(0)
      expect(await violations(page), path).toEqual([])
    }
  })

  it('without a log server says so, keeps what is known, and recovers by itself', async (context) => {
    const page = await panel.openSignedIn(context, { path: '/services' })
    await panel.stopServer()
    const banner = page.getByRole('alert').filter({ hasText: 'does not answer' })
    await banner.waitFor()
    expect(await banner.innerText()).toContain('What you see is from')
    expect(await card(page, 'backend').count()).toBe(1)
    panel.startServer()
    await banner.waitFor({ state: 'detached', timeout: 2 * PATIENCE_MS })
    await card(page, 'backend').waitFor()
  })
})
