/**
 * The specification's chapter "Viewing Logs in Admin Panel", feature by feature, in its own words; and what the original's
 * documentation promised of the page.
 */
import type { Page } from 'playwright-core'
import { LEVELS, type Level } from '@pixsim7/record'
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW_MS, STACK, type Line } from './log-lines.ts'
import { answered, messages, PanelFixture, rows, searchPart, signIn, total } from './panel-fixture.ts'

const COUNTS: Readonly<Record<Level, number>> = { DEBUG: 20, INFO: 150, WARNING: 9, ERROR: 4, CRITICAL: 2 }
const ALL = 185
const STEP_MS = 10_000

/** 185 lines: each level as often as above; jobs 123 and 1234, users 0 and 10 among them. */
function lines(): { backend: Line[]; worker: Line[] } {
  const backend: Line[] = []
  const worker: Line[] = []
  let index = 0
  for (const level of LEVELS) {
    for (let count = 0; count < COUNTS[level]; count++) {
      const job = count % 5 === 0 ? 123 : count % 5 === 1 ? 1234 : undefined
      const line: Line = {
        level,
        logger: level === 'INFO' ? 'api.http' : 'job_processor',
        message: `${level === 'ERROR' ? 'Failed to submit job' : 'Step done'}: ${level.toLowerCase()} number ${count}`,
        agoMs: (ALL - index) * STEP_MS,
        fields: { user_id: count % 3 === 0 ? 0 : 10, ...(job === undefined ? {} : { job_id: job }) },
        ...(level === 'ERROR' ? { exception: STACK } : {}),
      }
      ;(level === 'INFO' ? backend : worker).push(line)
      index++
    }
  }
  return { backend, worker }
}

let panel: PanelFixture
beforeAll(async () => {
  panel = await PanelFixture.start(lines())
})

const level = (page: Page) => page.locator('.row .cell.level').allTextContents()
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search messages' })
const quick = (page: Page, name: string) => page.locator('.quick').getByRole('button', { name })

/** How many entries of the sample have one of the levels and pass the test. */
function count(levels: readonly Level[], test: (index: number) => boolean = () => true): number {
  return levels.reduce(
    (sum, name) => sum + Array.from({ length: COUNTS[name] }, (_, index) => index).filter(test).length,
    0,
  )
}

it('URL: http://localhost:5173/logs', async (context) => {
  const page = await panel.open(context)
  await signIn(page)
  await answered(page)
  expect(new URL(page.url()).pathname).toBe('/logs')
  await total(page, ALL)
})

describe('Features', () => {
  it.for(LEVELS)('Filter by log level: %s', async (name, context) => {
    const page = await panel.openSignedIn(context)
    await page.getByRole('checkbox', { name: new RegExp(`^${name}`) }).check()
    await searchPart(page, `?level=${name}`)
    await total(page, COUNTS[name])
    expect(new Set(await level(page))).toEqual(new Set([name]))
  })

  it('Filter by logger name', async (context) => {
    const page = await panel.openSignedIn(context)
    await page.getByLabel('Logger name').fill('job_processor')
    await page.getByLabel('Logger name').press('Enter')
    await searchPart(page, '?logger=job_processor')
    await total(page, ALL - COUNTS.INFO)
    expect(new Set(await page.locator('.row .cell.logger').allTextContents())).toEqual(
      new Set(['job_processor']),
    )
  })

  it('Search messages', async (context) => {
    const page = await panel.openSignedIn(context)
    await search(page).fill('failed SUBMIT')
    await total(page, COUNTS.ERROR)
    expect((await messages(page)).every((message) => message.startsWith('Failed to submit job'))).toBe(true)
  })

  it('Filter by user_id: 0 is a user, and no other one', async (context) => {
    const page = await panel.openSignedIn(context)
    await page.getByLabel('User ID').fill('0')
    await searchPart(page, '?user_id=0')
    await total(
      page,
      count(LEVELS, (index) => index % 3 === 0),
    )
    expect(new Set(await page.locator('.row .badge[data-field="user_id"]').allTextContents())).toEqual(
      new Set(['user 0']),
    )
  })

  it('Filter by job_id: 123 is never 1234', async (context) => {
    const page = await panel.openSignedIn(context)
    await page.getByLabel('Job ID').fill('123')
    await searchPart(page, '?job_id=123')
    await total(
      page,
      count(LEVELS, (index) => index % 5 === 0),
    )
    expect(new Set(await page.locator('.row .badge[data-field="job_id"]').allTextContents())).toEqual(
      new Set(['job 123']),
    )
    await page.getByLabel('Job ID').fill('12')
    await total(page, 0)
  })

  it('View exception stack traces', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?level=ERROR' })
    await rows(page).first().locator('.message').click()
    expect(await page.getByRole('region', { name: 'Stack trace' }).innerText()).toBe(`${STACK}\n`)
  })

  it('Auto-refresh', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?logger=auto.refresh' })
    await total(page, 0)
    await page.getByLabel('Auto-refresh').selectOption('5')
    await panel.append('other', { logger: 'auto.refresh', message: 'came by itself' })
    await total(page, 1)
    expect(await messages(page)).toEqual(['came by itself'])
  })

  it('Pagination, with the counts of the whole result, not of the page', async (context) => {
    const page = await panel.openSignedIn(context, { search: '?component=backend&limit=50' })
    await page.getByText('showing 1–50 of 150').waitFor()
    await total(page, 150)
    const counts = page.locator('.quick-button[data-quick="info"] .count')
    expect(await counts.innerText()).toBe('150')
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('showing 51–100 of 150').waitFor()
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('showing 101–150 of 150').waitFor()
    expect(await page.getByRole('button', { name: 'Older' }).getAttribute('aria-disabled')).toBe('true')
    await total(page, 150)
    expect(await counts.innerText()).toBe('150')
  })
})

describe('Quick Filters', () => {
  it.for([
    ['🔴 Errors Only - Show only ERROR/CRITICAL', 'Errors Only', ['ERROR', 'CRITICAL']],
    ['⚠️ Warnings - Show warnings', 'Warnings', ['WARNING']],
    ['ℹ️ Info - Show info logs', 'Info', ['INFO']],
    ['🐛 Debug - Show debug logs', 'Debug', ['DEBUG']],
  ] as const)('%s', async ([, name, levels], context) => {
    const page = await panel.openSignedIn(context, { search: '?component=backend&component=worker' })
    await quick(page, name).click()
    await total(page, count(levels))
    expect(new Set(await level(page))).toEqual(new Set(levels))
  })
})

describe("What the original's documentation promised", () => {
  it('filters instantly while typing, Enter applies, Escape clears the search', async (context) => {
    const page = await panel.openSignedIn(context)
    const whole = Number(await page.locator('.total').getAttribute('data-total'))
    // No Enter, and not even a whole word yet.
    await search(page).pressSequentially('submi')
    await total(page, COUNTS.ERROR)
    expect(await search(page).inputValue()).toBe('submi')
    await search(page).press('Escape')
    expect(await search(page).inputValue()).toBe('')
    await searchPart(page, '')
    await total(page, whole)
    await search(page).fill('number 3')
    await search(page).press('Enter')
    await searchPart(page, '?q=number+3')
    await total(page, 4)
    await page.getByLabel('Job ID').pressSequentially('123')
    await total(page, 0)
    await page.getByLabel('Job ID').press('Escape')
    await total(page, 4)
  })

  it('a click expands an entry, another one folds it', async (context) => {
    const page = await panel.openSignedIn(context)
    const detail = page.getByRole('region', { name: 'Entry details' })
    await rows(page).nth(1).locator('.message').click()
    await detail.waitFor()
    expect(await detail.locator('tr[data-name="timestamp"]').count()).toBe(1)
    await rows(page).nth(1).locator('.cells').locator('.message').click()
    await detail.waitFor({ state: 'detached' })
  })

  it('start and end time', async (context) => {
    const page = await panel.openSignedIn(context)
    // Berlin's clock, in which this browser shows and takes times.
    const local = (agoMs: number) =>
      new Date(NOW_MS - agoMs).toLocaleString('sv-SE', { timeZone: 'Europe/Berlin' }).replace(' ', 'T')
    await page.getByTitle('Time range').click()
    await page.getByLabel('From').fill(local(100 * STEP_MS))
    await page.getByLabel('To', { exact: true }).fill(local(80 * STEP_MS))
    await page.getByRole('button', { name: 'Apply' }).click()
    // Whole seconds are typed: the line at the end is a fraction of a second later, the one at the start, too.
    await total(page, 20)
    const stamps = await page
      .locator('.row .cell.time')
      .evaluateAll((all) => all.map((cell) => Date.parse(cell.getAttribute('title') ?? '')))
    expect(Math.max(...stamps)).toBeLessThan(NOW_MS - 80 * STEP_MS)
    expect(Math.min(...stamps)).toBeGreaterThanOrEqual(NOW_MS - 100 * STEP_MS)
  })
})
