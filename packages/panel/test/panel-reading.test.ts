/** The panel while somebody reads: keys, live tail, automatic refresh, a server that goes away, screen readers, small screens. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { violations } from './accessibility.ts'
import { NOW_MS } from './log-lines.ts'
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

/** A line that is newer than all others. */
const newest = (message: string) => ({ message, agoMs: NOW_MS - Date.now() })
/** So many lines a millisecond apart, numbered from `start`. */
const burst = (logger: string, count: number, start = 0) =>
  Array.from({ length: count }, (_, index) => ({
    logger,
    message: `${logger} ${start + index}`,
    agoMs: NOW_MS - Date.now() + count - index,
  }))
const firstMessage = (page: Page) => rows(page).first().locator('.message-text').innerText()
const detail = (page: Page) => page.getByRole('region', { name: 'Entry details' })

describe('by keyboard', () => {
  it('the list is one tab stop, arrows and letters move in it, Enter opens, Escape leaves step by step', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?limit=500' })
    expect(await page.locator('.row[tabindex="0"]').count()).toBe(1)
    const grid = page.getByRole('grid', { name: 'Log entries' })
    expect(Number(await grid.getAttribute('aria-rowcount'))).toBeGreaterThan(301)
    expect(await rows(page).nth(4).getAttribute('aria-rowindex')).toBe('6')
    await rows(page).first().focus()
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex'))
    for (const [key, row] of [
      ['j', '3'],
      ['ArrowDown', '4'],
      ['k', '3'],
      ['PageDown', '13'],
      ['G', '302'],
      ['j', '302'],
      ['g', '2'],
    ] as const) {
      await page.keyboard.press(key)
      expect(await focused(), key).toBe(row)
    }
    await page.keyboard.press('e')
    const level = () => page.locator(':focus .level-mark').first().innerText()
    expect(await level()).toMatch(/ERROR|CRITICAL/)
    const errorRow = await focused()
    await page.keyboard.press('w')
    expect(await level()).toBe('WARNING')
    await page.keyboard.press('E')
    expect(await focused()).toBe(errorRow)
    await page.keyboard.press('Enter')
    await detail(page).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('.detail') !== null)).toBe(true)
    await page.keyboard.press('Escape')
    expect(await detail(page).count()).toBe(0)
    expect(await focused()).toBe(errorRow)
    await page.keyboard.press('/')
    await page.keyboard.type('slow query')
    await searchPart(page, '?q=slow+query&limit=500')
    await page.keyboard.press('Escape')
    await searchPart(page, '?limit=500')
    await answered(page)
    await rows(page).nth(1).focus()
    await page.keyboard.press('?')
    const help = page.getByRole('dialog', { name: 'Help' })
    await help.waitFor()
    await help.getByRole('checkbox', { name: /Single keys act/ }).uncheck()
    await page.keyboard.press('Escape')
    await rows(page).nth(1).focus()
    await page.keyboard.press('j')
    expect(await focused()).toBe('3')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('4')
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true)
  })
})

describe('new events', () => {
  it('flow into a live list, wait while an entry is open, and come by the button', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?live=1' })
    await page.locator('.live-toggle .dot[data-state="on"]').waitFor()
    await panel.append('worker', newest('live one'))
    await expect.poll(() => firstMessage(page), { timeout: PATIENCE_MS }).toBe('live one')

    await rows(page).nth(2).locator('.message').click()
    await detail(page).waitFor()
    const top = async () => (await page.locator('.row[data-open]').boundingBox())?.y
    const before = await top()
    await panel.append('worker', newest('live two'), newest('live three'))
    await page.getByRole('button', { name: '2 new' }).waitFor()
    await page.getByText('held while an entry is open').waitFor()
    expect(await page.title()).toBe('(2) PixSim7 Logs')
    expect(await firstMessage(page)).toBe('live one')
    expect(await top()).toBe(before)
    await page.getByRole('button', { name: '2 new' }).click()
    await expect
      .poll(() => messages(page).then((all) => all.slice(0, 3).sort()), { timeout: PATIENCE_MS })
      .toEqual(['live one', 'live three', 'live two'])

    expect(await detail(page).count()).toBe(0)
    await panel.append('worker', newest('live again'))
    await expect.poll(() => firstMessage(page), { timeout: PATIENCE_MS }).toBe('live again')

    await page.getByRole('button', { name: 'Pause the live tail' }).click()
    await panel.append('worker', newest('live four'))
    await page.getByRole('button', { name: '1 new' }).waitFor()
    await page.getByRole('button', { name: 'Resume the live tail' }).click()
    await expect.poll(() => firstMessage(page), { timeout: PATIENCE_MS }).toBe('live four')
  })

  it('obey the filters of a live list, and reach it after the connection broke', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?live=1&component=backend' })
    await page.locator('.live-toggle .dot[data-state="on"]').waitFor()
    await panel.append('worker', newest('of the worker'))
    await panel.append('backend', newest('of the backend'))
    await expect.poll(() => firstMessage(page), { timeout: PATIENCE_MS }).toBe('of the backend')
    await panel.stopServer()
    await page.getByText('not live', { exact: true }).waitFor()
    await page
      .getByRole('alert')
      .filter({ hasText: 'next try in' })
      .or(page.getByRole('alert'))
      .first()
      .waitFor()
    await panel.append('backend', newest('written while nobody listened'))
    panel.startServer()
    await expect
      .poll(() => firstMessage(page), { timeout: 2 * PATIENCE_MS })
      .toBe('written while nobody listened')
    expect(await page.getByText('not live', { exact: true }).count()).toBe(0)
  })

  it('come by themselves each five seconds when asked for, but not while an entry is open', async (context) => {
    const page = await panel.openSignedIn(context)
    await page.getByLabel('Auto-refresh').selectOption('5')
    await searchPart(page, '?refresh=5')
    await panel.append('backend', newest('refreshed'))
    await expect.poll(() => firstMessage(page), { timeout: PATIENCE_MS }).toBe('refreshed')
    await rows(page).nth(1).locator('.message').click()
    await page.getByText('waits: an entry is open').waitFor()
    const id = await page.locator('.row[data-open]').getAttribute('data-id')
    await panel.append('backend', newest('after'))
    const top = async () => (await page.locator(`.row[data-id="${id}"]`).boundingBox())?.y
    const before = await top()
    // By hand it may be refreshed at any time: the open entry stays open and stays where it is.
    await expect
      .poll(
        async () => {
          await page.getByRole('button', { name: 'Refresh now' }).click()
          await answered(page)
          return page.getByText('after', { exact: true }).count()
        },
        { timeout: PATIENCE_MS, interval: 500 },
      )
      .toBeGreaterThan(0)
    expect(await page.locator('.row[data-open]').getAttribute('data-id')).toBe(id)
    expect(await top()).toBe(before)

    await detail(page).getByRole('button', { name: 'Close' }).click()
    const setVisibility = (state: string) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, state)
    await setVisibility('hidden')
    await page.getByText('waits: the tab is hidden').waitFor()
    await panel.append('backend', newest('seen on return'))
    await setVisibility('visible')
    await page.locator('.list').evaluate((list) => list.scrollTo({ top: 0 }))
    await expect.poll(() => firstMessage(page), { timeout: PATIENCE_MS }).toBe('seen on return')
  })

  it('move the numbers of a later page on, which still shows the same entries', async (context) => {
    const page = await panel.openSignedIn(context)
    await page.getByRole('button', { name: 'Older' }).click()
    const showing = page.locator('.showing')
    await showing.getByText('showing 101–200 of').waitFor()
    const ids = () => rows(page).evaluateAll((all) => all.map((row) => row.getAttribute('data-id')))
    const before = await ids()
    await panel.append('backend', newest('before the page'))
    await expect
      .poll(
        async () => {
          await page.getByRole('button', { name: 'Refresh now' }).click()
          await answered(page)
          return showing.innerText()
        },
        { timeout: PATIENCE_MS, interval: 500 },
      )
      .toMatch(/^showing 102–201 of /)
    expect(await ids()).toEqual(before)
  })

  it('by the thousand are in the list, but only those near the screen are in the page', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?live=1&logger=burst' })
    await page.locator('.live-toggle .dot[data-state="on"]').waitFor()
    for (const start of [0, 600]) {
      // A tail carries 1,000 entries at once; more would come as a gap, which the next test wants.
      await panel.append('backend', ...burst('burst', 600, start))
      await expect.poll(() => firstMessage(page), { timeout: PATIENCE_MS }).toBe(`burst ${start + 599}`)
    }
    expect(await page.locator('.row.gap').count()).toBe(0)
    await total(page, 1200)
    expect(await rows(page).count()).toBeLessThan(300)
    await rows(page).first().focus()
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex'))
    await page.keyboard.press('End')
    await expect.poll(focused, { timeout: PATIENCE_MS }).toBe('1201')
    expect(await page.locator(':focus .message-text').innerText()).toBe('burst 0')
    await page.keyboard.press('k')
    expect(await focused()).toBe('1200')
    await page.keyboard.press('Enter')
    await detail(page).getByText('burst 1', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Home')
    await expect.poll(focused, { timeout: PATIENCE_MS }).toBe('2')
  })

  it('that a live tail leaves out are a row that says how many, and leads to them', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?live=1&logger=flood' })
    await page.locator('.live-toggle .dot[data-state="on"]').waitFor()
    await panel.append('backend', ...burst('flood', 3000))
    await expect.poll(() => firstMessage(page), { timeout: PATIENCE_MS }).toBe('flood 2999')
    await total(page, 3000)
    // The gap stands below the entries that came with it, so it has to be scrolled to.
    const gap = page.locator('.row.gap').first()
    await page.locator('.list').hover()
    await expect
      .poll(
        async () => {
          await page.mouse.wheel(0, 700)
          return gap.count()
        },
        { timeout: PATIENCE_MS, interval: 50 },
      )
      .toBe(1)
    const words = await gap.innerText()
    expect(words).toContain('events skipped: more arrived than a live tail carries')
    const skipped = Number(words.replace(/^\D*([\d,]+) events[^]*$/, '$1').replaceAll(',', ''))
    await gap.getByRole('button', { name: 'Show this range' }).click()
    await answered(page)
    expect(new URL(page.url()).searchParams.get('live')).toBeNull()
    expect(Number(await page.locator('.total').getAttribute('data-total'))).toBeGreaterThan(skipped)
  })
})

describe('a log server that goes away', () => {
  it('is named with the next step, old rows are marked, and the panel recovers by itself', async (context) => {
    const page = await panel.openSignedIn(context)
    await panel.stopServer()
    await page.getByRole('button', { name: 'Refresh now' }).click()
    const banner = page.getByRole('alert').filter({ hasText: 'does not answer' })
    await banner.waitFor()
    expect(await banner.innerText()).toContain('What you see is from')
    expect(await page.locator('.list-frame').getAttribute('data-stale')).toBe('old')
    panel.startServer()
    await banner.waitFor({ state: 'detached', timeout: 2 * PATIENCE_MS })
    await answered(page)
  })

  it('is said on the login page as well', async (context) => {
    const page = await panel.open(context)
    await page.getByLabel('Password').waitFor()
    await panel.stopServer()
    await signIn(page)
    await page.getByRole('alert').filter({ hasText: 'The log server does not answer' }).waitFor()
    panel.startServer()
    await panel.untilStored(301)
    await signIn(page)
    await answered(page)
  })
})

describe('for everybody', () => {
  it.for(['light', 'dark'] as const)(
    'axe finds nothing wrong on any screen (%s)',
    async (colorScheme, context) => {
      const page = await panel.open(context, { colorScheme })
      await page.getByLabel('Password').waitFor()
      expect(await violations(page)).toEqual([])
      await signIn(page)
      await answered(page)
      expect(await violations(page)).toEqual([])
      await page.locator('.quick').getByRole('button', { name: 'Errors Only' }).click()
      await total(page, 3)
      await rows(page).first().locator('.message').click()
      await detail(page).getByRole('button', { name: 'Lines around' }).click()
      await detail(page).locator('.context-lines li').first().waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByTitle('Time range').click()
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByTitle('Health of the log store').click()
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('searchbox').fill('nothing like this')
      await page.getByRole('heading', { name: /No events match/ }).waitFor()
      expect(await violations(page)).toEqual([])
    },
  )

  it('the theme follows the system until one is chosen, and the choice is remembered', async (context) => {
    const page = await panel.openSignedIn(context, { colorScheme: 'dark' })
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const dark = await ground()
    await page.getByRole('button', { name: 'Theme: as the system' }).click()
    const light = await ground()
    expect(light).not.toBe(dark)
    await page.reload()
    await answered(page)
    expect(await ground()).toBe(light)
    await page.getByRole('button', { name: 'Theme: light' }).click()
    expect(await ground()).toBe(dark)
  })

  it('on a telephone nothing is wider than the screen, and the filters are a sheet', async (context) => {
    const page = await panel.openSignedIn(context, { width: 390, height: 844 })
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(await overflow()).toBe(0)
    await page.getByRole('button', { name: /^Filters/ }).click()
    const sheet = page.getByRole('dialog', { name: 'Filters' })
    await sheet.getByRole('checkbox', { name: /^ERROR/ }).check()
    await sheet.getByRole('button', { name: 'Close' }).click()
    await total(page, 2)
    await rows(page).first().locator('.message').click()
    await detail(page).waitFor()
    expect(await overflow()).toBe(0)
    const list = page.locator('.list')
    expect(await list.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0)
    expect(await violations(page)).toEqual([])
  })
})
