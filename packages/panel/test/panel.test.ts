/** The panel in a real browser, against a real log server on real files: signing in, list, pages, filters, details. */
import { beforeAll, describe, expect, it } from 'vitest'
import { HOSTILE_MESSAGE, STACK } from './log-lines.ts'
import {
  answered,
  messages,
  PanelFixture,
  PATIENCE_MS,
  rows,
  searchPart,
  signIn,
  total,
} from './panel-fixture.ts'

let panel: PanelFixture
beforeAll(async () => {
  panel = await PanelFixture.start()
})

describe('signing in', () => {
  it('says what is wrong with a wrong password, then shows the view asked for', async (context) => {
    const page = await panel.open(context, { search: '?level=ERROR' })
    await signIn(page, 'wrong password')
    await page.getByRole('alert').filter({ hasText: 'Wrong user or password' }).waitFor()
    await signIn(page)
    await answered(page)
    expect(await messages(page)).toEqual([
      'Failed to submit job: API timeout',
      'Failed to submit job: API timeout',
    ])
    await searchPart(page, '?level=ERROR')
  })

  it('comes back to the same view when the session ends in between', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?component=worker' })
    await page.context().clearCookies()
    await page.getByRole('button', { name: 'Errors Only' }).click()
    await page.getByText('Your session has ended').waitFor()
    await signIn(page)
    await answered(page)
    await searchPart(page, '?level=ERROR&level=CRITICAL&component=worker')
    await total(page, 3)
  })

  it('ends with the log out button, and the log is gone from the page', async (context) => {
    const page = await panel.openSignedIn(context)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByText('You are logged out').waitFor()
    expect(await rows(page).count()).toBe(0)
    await page.reload()
    await page.getByLabel('Password').waitFor()
  })
})

describe('the list', () => {
  it('shows the newest first, the total of the whole result, local time, and all of it on hover', async (context) => {
    const page = await panel.openSignedIn(context)
    await total(page, 301)
    expect(await rows(page).count()).toBe(100)
    await page.getByText('showing 1–100 of 301').waitFor()
    const cells = page.locator('.row .cell.time')
    const stamps = await cells.evaluateAll((all) => all.map((cell) => cell.getAttribute('title') ?? ''))
    expect(stamps).toEqual([...stamps].sort().reverse())
    expect(stamps[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    const local = new Date(stamps[0] ?? '').toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' })
    expect(await cells.first().innerText()).toContain(`${local}.`)
    await page.getByRole('button', { name: 'UTC' }).first().click()
    await expect.poll(() => cells.first().innerText()).toContain((stamps[0] ?? '').slice(11, 23))
  })

  it('pages to the end and back, every entry once, also after a reload', async (context) => {
    const page = await panel.openSignedIn(context)
    const ids = () => rows(page).evaluateAll((all) => all.map((row) => row.getAttribute('data-id')))
    const seen = await ids()
    for (const range of ['101–200', '201–300', '301–301']) {
      await page.getByRole('button', { name: 'Older' }).click()
      await page.getByText(`showing ${range} of 301`).waitFor()
      seen.push(...(await ids()))
    }
    expect(new Set(seen).size).toBe(301)
    expect(await page.getByRole('button', { name: 'Older' }).getAttribute('aria-disabled')).toBe('true')
    await page.reload()
    await page.getByText('showing 301–301 of 301').waitFor()
    await page.getByRole('button', { name: 'Newer' }).click()
    await page.getByText('showing 201–300 of 301').waitFor()
    expect(await ids()).toEqual(seen.slice(200, 300))
    await page.goBack()
    await page.getByText('showing 301–301 of 301').waitFor()
    await page.getByRole('button', { name: 'Newest', exact: true }).click()
    await page.getByText('showing 1–100 of 301').waitFor()
    expect(await ids()).toEqual(seen.slice(0, 100))
    await page.locator('.page-size select').selectOption('500')
    await page.getByText('showing 1–301 of 301').waitFor()
    await page.getByRole('button', { name: 'Newest first' }).click()
    await searchPart(page, '?order=asc&limit=500')
    await expect.poll(async () => (await messages(page))[0], { timeout: PATIENCE_MS }).toBe('Slow query 0')
  })
})

describe('filters', () => {
  it('are one press for the usual levels, with their counts', async (context) => {
    const page = await panel.openSignedIn(context)
    for (const [name, search, count] of [
      ['Errors Only', '?level=ERROR&level=CRITICAL', 3],
      ['Warnings', '?level=WARNING', 14],
      ['Info', '?level=INFO', 258],
      ['Debug', '?level=DEBUG', 26],
      ['All', '', 301],
    ] as const) {
      const button = page.locator('.quick').getByRole('button', { name })
      await button.click()
      await searchPart(page, search)
      await total(page, count)
      expect(await button.getAttribute('aria-pressed')).toBe('true')
      await expect.poll(() => button.innerText(), { timeout: PATIENCE_MS }).toContain(String(count))
    }
  })

  it('stay in the URL: typed search, ids, logger and component, over reload, back and forward', async (context) => {
    const page = await panel.openSignedIn(context)
    const box = page.getByRole('searchbox')
    await box.fill('processing JOB')
    await total(page, 37)
    expect((await page.locator('.row mark').allInnerTexts()).slice(0, 2)).toEqual(['Processing', 'job'])
    await page.getByLabel('User ID').fill('0')
    await searchPart(page, '?q=processing+JOB&user_id=0')
    await total(page, 12)
    await page.reload()
    await total(page, 12)
    expect(await box.inputValue()).toBe('processing JOB')
    await page.getByRole('button', { name: 'Remove filter user 0' }).click()
    await total(page, 37)
    await page.goBack()
    await total(page, 12)
    await page.goForward()
    await total(page, 37)
    await box.press('Escape')
    await searchPart(page, '')
    await total(page, 301)
    await page.getByLabel('Logger name').fill('database')
    await searchPart(page, '?logger=*database*')
    await total(page, 13)
    await page.getByLabel('Logger name').fill('database.session')
    await page.getByLabel('Logger name').press('Enter')
    await searchPart(page, '?logger=database.session')
    await page.getByLabel('Job ID').fill('107')
    await page.getByRole('heading', { name: 'No events match these 2 filters' }).waitFor()
    await page.getByRole('button', { name: /Remove job 107 13 events/ }).waitFor()
    await page.getByRole('button', { name: /Remove logger database.session 4 events/ }).click()
    await total(page, 4)
    await page.getByRole('button', { name: 'Remove filter job 107' }).click()
    await total(page, 301)
    await page.getByRole('checkbox', { name: /^worker/ }).check()
    await searchPart(page, '?component=worker')
    await total(page, 41)
    await page.getByRole('button', { name: 'Clear all' }).click()
    await total(page, 301)
  })

  it('narrow the time by preset, by hand and on the histogram, by mouse and by keyboard', async (context) => {
    const page = await panel.openSignedIn(context)
    await page.getByTitle('Time range').click()
    await page.getByRole('button', { name: 'Last 1 hour' }).click()
    await searchPart(page, '?from=-1h')
    await answered(page)
    const lastHour = Number(await page.locator('.total').getAttribute('data-total'))
    expect(lastHour).toBeGreaterThan(100)
    expect(lastHour).toBeLessThan(200)
    await page.getByRole('button', { name: 'Remove filter time Last 1 hour' }).click()
    await total(page, 301)

    const plot = page.locator('.plot')
    await plot.locator('rect').first().waitFor()
    const box = await plot.boundingBox()
    if (box === null) throw new Error('The histogram is not on the page')
    await page.mouse.move(box.x + box.width * 0.25, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => page.url(), { timeout: PATIENCE_MS }).toMatch(/from=\d{4}-.*&to=\d{4}-/)
    await answered(page)
    const quarter = Number(await page.locator('.total').getAttribute('data-total'))
    expect(quarter).toBeGreaterThan(50)
    expect(quarter).toBeLessThan(110)

    await page.getByRole('button', { name: 'Reset time' }).click()
    await total(page, 301)
    await plot.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Shift+ArrowRight')
    expect(await plot.getAttribute('aria-valuetext')).toMatch(/: \d+ events, /)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url(), { timeout: PATIENCE_MS }).toMatch(/from=\d{4}-.*&to=\d{4}-/)

    await page.getByTitle('Time range').click()
    await page.getByLabel('From').fill('2000-01-01T00:00:00')
    await page.getByLabel('To', { exact: true }).fill('1999-01-01T00:00:00')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('From must be earlier than To').waitFor()
    await page.getByLabel('To', { exact: true }).fill('')
    await page.getByRole('button', { name: 'Apply' }).click()
    await total(page, 301)
    await searchPart(page, '?from=1999-12-31T23%3A00%3A00.000Z')
  })

  it('that the server refuses are explained, with the way out', async (context) => {
    const page = await panel.open(context, { search: '?from=banana' })
    await signIn(page)
    const banner = page.getByRole('alert').filter({ hasText: 'refuses this question' })
    await banner.waitFor()
    expect(await banner.innerText()).toContain('banana')
    await banner.getByRole('button', { name: 'All time' }).click()
    await total(page, 301)
  })
})

describe('an entry', () => {
  it('opens in place with call site, stack, fields, copies and its neighbours', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?level=ERROR' })
    await rows(page).first().locator('.message').click()
    const detail = page.getByRole('region', { name: 'Entry details' })
    await detail.getByText('job_processor → JobProcessor.process_job:45').first().waitFor()
    expect(await detail.getByRole('region', { name: 'Stack trace' }).innerText()).toBe(`${STACK}\n`)
    expect(await detail.locator('tr[data-name="nested"] td').first().innerText()).toContain(
      '"provider": "pixverse"',
    )
    await detail.getByRole('button', { name: 'Copy JSON' }).click()
    await detail.getByRole('button', { name: 'Copied' }).waitFor()
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as Record<
      string,
      unknown
    >
    expect(copied).toMatchObject({ level: 'ERROR', job_id: 107, exception: STACK, component: 'worker' })
    await detail.getByRole('button', { name: 'Lines around' }).click()
    await detail.getByRole('heading', { name: 'Lines around it in worker.log' }).waitFor()
    await detail.locator('.context-lines li').first().waitFor()
    expect(await detail.locator('.context-lines li').count()).toBe(21)
    expect(await detail.locator('.context-lines li[aria-current]').innerText()).toContain(
      'Failed to submit job',
    )

    await detail.getByRole('button', { name: 'Copy link' }).click()
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('/logs?entry=')
    const link = await page.evaluate(() => navigator.clipboard.readText())
    await page.goto(link)
    await page
      .getByRole('region', { name: 'Entry details' })
      .getByText('Failed to submit job')
      .first()
      .waitFor()
    await page.goto(`${panel.url}/logs?entry=no-such-entry`)
    await page.getByRole('alert').first().waitFor()
  })

  it('leads to everything of its user, job or request, and stays open', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?level=ERROR' })
    await rows(page).first().locator('.message').click()
    await page.getByRole('button', { name: 'Show only job_id 107' }).first().click()
    await total(page, 1)
    await page.getByRole('button', { name: 'Remove filter level ERROR' }).click()
    await total(page, 4)
    expect(new URL(page.url()).searchParams.get('job_id')).toBe('107')
    await page.getByRole('button', { name: 'Clear all' }).click()
    await page.locator('.badge[data-field="user_id"][data-value="2"]').first().click()
    await searchPart(page, '?user_id=2')
    await answered(page)
    const badges = await page.locator('.row .badge[data-field="user_id"]').allInnerTexts()
    expect(new Set(badges)).toEqual(new Set(['user 2']))
  })

  it('is not opened by selecting its text', async (context) => {
    const page = await panel.openSignedIn(context)
    const box = await rows(page).nth(3).locator('.message').boundingBox()
    if (box === null) throw new Error('The row is not on the page')
    await page.mouse.move(box.x + 12, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + 120, box.y + box.height / 2, { steps: 5 })
    await page.mouse.up()
    expect(await page.evaluate(() => document.getSelection()?.toString().length)).toBeGreaterThan(3)
    expect(await page.getByRole('region', { name: 'Entry details' }).count()).toBe(0)
    await page.evaluate(() => document.getSelection()?.removeAllRanges())
    await rows(page).nth(3).locator('.message').click()
    await page.getByRole('region', { name: 'Entry details' }).waitFor()
  })

  it('with hostile text is text: nothing runs, nothing hides', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?search=onerror' })
    await total(page, 1)
    const cell = rows(page).first().locator('.message-text')
    expect(await cell.innerText()).toBe(HOSTILE_MESSAGE.replace('\u202e', 'U+202E').replace('\u001b', 'ESC'))
    expect(await cell.locator('mark').innerText()).toBe('onerror')
    await cell.click()
    await page.getByRole('region', { name: 'Entry details' }).waitFor()
    const field = page.locator('.fields tr', { hasText: '<i>key</i>' })
    expect(await field.locator('td').first().innerText()).toBe('<svg onload=window.wasRun=3>')
    expect(await page.locator('.list script, .list img, .list i, .list svg[onload]').count()).toBe(0)
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false)
    await page.goto(`${panel.url}/logs?search=${encodeURIComponent('<img src=x onerror=window.wasRun=4>')}`)
    await page.getByRole('heading', { name: /No events match/ }).waitFor()
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false)
  })
})

// The last of the file: afterwards nobody at this address can sign in for a while.
describe('guessing the password', () => {
  it('is slowed down, and the page says for how many seconds', async (context) => {
    const page = await panel.open(context)
    const refusal = page.getByRole('alert').filter({ hasText: /Too many attempts. Try again in \d+ s/ })
    for (let attempt = 0; attempt < 40 && (await refusal.count()) === 0; attempt++) {
      await signIn(page, `guess ${attempt}`)
      await page.getByRole('button', { name: 'Sign in' }).waitFor()
      await page
        .getByRole('alert')
        .filter({ hasText: /Wrong|Too many/ })
        .waitFor()
    }
    expect(await refusal.count()).toBe(1)
    expect(await page.getByRole('button', { name: 'Sign in' }).getAttribute('aria-disabled')).toBe('true')
    await refusal.waitFor({ state: 'detached' })
    await signIn(page)
    await answered(page)
  })
})
