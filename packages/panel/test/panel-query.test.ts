/** The search box as a box for queries, and the ways that build one. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW_MS } from './log-lines.ts'
import { answered, messages, PanelFixture, PATIENCE_MS, rows, searchPart, total } from './panel-fixture.ts'

let panel: PanelFixture
beforeAll(async () => {
  panel = await PanelFixture.start()
})

const box = (page: Page) => page.getByRole('searchbox', { name: 'Search messages' })
const reading = (page: Page) => page.locator('.reading')
const query = (page: Page) => new URL(page.url()).searchParams.get('q')

describe('the search box', () => {
  it('takes queries, says how it understood them, and counts what they find', async (context) => {
    const page = await panel.openSignedIn(context)
    for (const [text, words, count] of [
      ['failed submit', 'Understood as: has "failed" and has "submit"', 2],
      ['"connection lost"', 'Understood as: has "connection lost"', 1],
      ['level>=error', 'Understood as: level is at least ERROR', 3],
      ['status_code:200 duration_ms:>=250', '', 10],
      ['processing -job_id:100', '', 33],
      ['(timeout OR lost) component:worker', '', 3],
    ] as const) {
      await box(page).fill(text)
      await total(page, count)
      expect(query(page)).toBe(text)
      await answered(page)
      expect(await reading(page).innerText()).toContain(words)
    }
    await page.reload()
    await total(page, 3)
    expect(await box(page).inputValue()).toBe('(timeout OR lost) component:worker')
    const described = await box(page).getAttribute('aria-describedby')
    expect(await page.locator(`#${described ?? ''}`).count()).toBe(1)
  })

  it('marks what was found, whole words where whole words were asked for', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?q=job%20-number' })
    await answered(page)
    const marks = await page.locator('.row .message-text mark').allInnerTexts()
    expect(new Set(marks.map((mark) => mark.toLowerCase()))).toEqual(new Set(['job']))
    await page.goto(`${panel.url}/logs?q=*imeou*`)
    await total(page, 2)
    expect(await page.locator('.row .message-text mark').allInnerTexts()).toEqual(['imeou', 'imeou'])
  })

  it('searches what is no query as text, and says what is wrong and where', async (context) => {
    const page = await panel.openSignedIn(context)
    await box(page).fill('job (123')
    await answered(page)
    await page.locator('.reading[data-problem]').waitFor()
    expect(await reading(page).innerText()).toMatch(/^Searched as text: .+/)
    expect(await reading(page).locator('mark').count()).toBe(1)
    await total(page, 0)
    await box(page).fill('Slow query 1"')
    await reading(page).getByText('quotation mark').waitFor()
  })

  it('finds a part of a word where no whole word matches, says so, and keeps what was typed', async (context) => {
    const page = await panel.openSignedIn(context)
    await box(page).pressSequentially('timeou')
    await total(page, 2)
    expect(query(page)).toBe('*timeou*')
    expect(await box(page).inputValue()).toBe('timeou')
    await page.getByText('Nothing has “timeou” as whole words; parts of words are shown.').waitFor()
    await box(page).press('Enter')
    await rows(page).first().locator('.message').click()
    expect(await box(page).inputValue()).toBe('timeou')
    await total(page, 2)
    await box(page).focus()
    await page.keyboard.press('End')
    await page.keyboard.type('t')
    await expect.poll(() => query(page), { timeout: PATIENCE_MS }).toBe('timeout')
    await total(page, 2)
    expect(await page.getByText('Nothing has').count()).toBe(0)
    await box(page).fill('nosuchword')
    await page.getByRole('heading', { name: /No events match/ }).waitFor()
    expect(query(page)).toBe('nosuchword')
  })

  it('leaves a query alone that finds nothing because of another filter, or by a link, and offers the parts', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?q=timeou&level=ERROR' })
    await page.getByRole('heading', { name: 'No events match these 2 filters' }).waitFor()
    await page.getByRole('button', { name: 'Search for parts of words *timeou* 2 events' }).click()
    await total(page, 2)
    await box(page).fill('slow')
    await total(page, 0)
    await page.getByRole('button', { name: 'Remove filter level ERROR' }).click()
    await total(page, 13)
    await page.getByLabel('Job ID').fill('107')
    await page.getByRole('button', { name: /Remove job 107 13 events/ }).waitFor()
    expect(query(page)).toBe('slow')
  })

  it('offers parts of words where whole words match as well', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?q=query' })
    await total(page, 13)
    await page.getByRole('button', { name: 'Parts of words, too' }).click()
    await expect.poll(() => query(page), { timeout: PATIENCE_MS }).toBe('*query*')
    await total(page, 13)
    expect(await page.getByRole('button', { name: 'Parts of words, too' }).count()).toBe(0)
  })

  it('narrows a live tail', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?live=1&q=level%3Awarning%20tail' })
    await page.locator('.live-toggle .dot[data-state="on"]').waitFor()
    await page.getByText('Understood as: level is WARNING').waitFor()
    await panel.append(
      'worker',
      { level: 'INFO', message: 'tail one', agoMs: NOW_MS - Date.now() },
      { level: 'WARNING', message: 'tail two', agoMs: NOW_MS - Date.now() },
    )
    await expect.poll(() => messages(page), { timeout: PATIENCE_MS }).toEqual(['tail two'])
  })
})

describe('links of before', () => {
  it('with search= still search any part of the text, as a filter that can be removed', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?search=imeou' })
    await total(page, 2)
    expect(await box(page).inputValue()).toBe('')
    expect(await page.locator('.row .message-text mark').first().innerText()).toBe('imeou')
    await page.getByRole('button', { name: 'Remove filter text imeou' }).click()
    await searchPart(page, '')
  })
})

describe('the details of an entry', () => {
  const detail = (page: Page) => page.getByRole('region', { name: 'Entry details' })

  it('narrow the query to any value of any field, or leave it out', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?component=backend&q=slow' })
    await total(page, 13)
    await rows(page).first().locator('.message').click()
    await detail(page).getByRole('button', { name: 'Show only duration_ms 240' }).click()
    await total(page, 1)
    expect(query(page)).toBe('slow duration_ms:240')
    await detail(page).getByRole('button', { name: 'Hide duration_ms 240' }).click()
    await total(page, 12)
    expect(query(page)).toBe('slow -duration_ms:240')
    await detail(page).getByRole('button', { name: 'Hide level WARNING' }).click()
    await total(page, 0)
    expect(query(page)).toBe('slow -duration_ms:240 -level:WARNING')
    await detail(page).getByText('Slow query 240').first().waitFor()
  })

  it('ask for hostile names and values as they are, and for structures by their presence', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?search=onerror' })
    await rows(page).first().locator('.message').click()
    await detail(page)
      .locator('tr', { hasText: '<i>key</i>' })
      .getByRole('button', { name: /^Show only/ })
      .click()
    await total(page, 1)
    expect(query(page)).toBe('"<i>key</i>":"<svg onload=window.wasRun=3>"')
    await page.goto(`${panel.url}/logs?level=ERROR`)
    await answered(page)
    await rows(page).first().locator('.message').click()
    await detail(page).getByRole('button', { name: 'Show only entries with nested' }).click()
    await total(page, 2)
    expect(query(page)).toBe('nested:*')
    await detail(page)
      .getByRole('button', { name: /^Show only call site/ })
      .click()
    await total(page, 2)
    expect(query(page)).toContain('function:JobProcessor.process_job line:45')
  })
})

describe('the help', () => {
  it('shows what can be searched for', async (context) => {
    const page = await panel.openSignedIn(context)
    await page.getByRole('button', { name: 'Help' }).click()
    const help = page.getByRole('dialog', { name: 'Help' })
    for (const example of await help.locator('code').allInnerTexts()) {
      const answer = (await (await panel.ask(`/logs?limit=1&q=${encodeURIComponent(example)}`)).json()) as {
        query: { problem: unknown }
      }
      expect(answer.query.problem, example).toBeNull()
    }
  })
})
