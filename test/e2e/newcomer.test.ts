/**
 * The way of a newcomer: everything started by one command, then a browser. Nothing is planted: what is read was logged by
 * the backend and the worker while visitors used them.
 */
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { launchChromium, waitFor } from '@pixsim7/testkit'
import { PATIENCE_MS, withSystem } from '../support/running-system.ts'

const rows = (page: Page): Locator => page.locator('.row[data-id]')
const detail = (page: Page): Locator => page.getByRole('region', { name: 'Entry details' })

/** Waits until the list shows the answer to the question of the present URL. */
async function answered(page: Page): Promise<void> {
  await page.locator('.total[data-total]').waitFor()
  await page.locator('.list-frame[aria-busy="false"]:not([data-stale])').waitFor()
}

async function texts(page: Page, column: string): Promise<string[]> {
  // Not innerText: of rows that are not painted yet it is empty.
  return rows(page).locator(`.cell.${column}`).allTextContents()
}

/** Reloads the view until `isThere`: the visitors' traffic is random, so what is looked for may still have to happen. */
async function reloadUntil(page: Page, isThere: () => Promise<boolean>): Promise<void> {
  await waitFor(
    async () => {
      await page.reload()
      await answered(page)
      return isThere()
    },
    { timeoutMs: PATIENCE_MS },
  )
}

describe('a newcomer', () => {
  it(
    'starts everything, logs in, reads lines of both components, finds an error and follows a job',
    async (context) => {
      await withSystem({}, async ({ program, panelUrl: url, password }) => {
        const browser = await launchChromium(context)
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
        page.setDefaultTimeout(60_000)
        await page.goto(url)
        await page.getByLabel('Password').fill(password)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await answered(page)

        for (const component of ['backend', 'worker']) {
          await page.goto(`${url}?component=${component}`)
          await reloadUntil(page, async () => (await rows(page).count()) > 0)
          expect(new Set(await texts(page, 'component'))).toEqual(new Set([component]))
        }

        await page.goto(url)
        await answered(page)
        await page.getByRole('button', { name: 'Errors Only' }).click()
        await expect.poll(() => page.url()).toContain('level=ERROR&level=CRITICAL')
        await answered(page)
        // An error with a stack, of a job: the simulator lets some of them fail.
        const failedJob = rows(page).filter({ hasText: 'Failed to submit job' }).filter({ hasText: 'job' })
        await reloadUntil(page, async () => (await failedJob.count()) > 0)
        for (const level of await texts(page, 'level')) expect(level).toMatch(/ERROR|CRITICAL/)

        await page.getByRole('searchbox').fill('failed to submit JOB')
        await expect.poll(() => page.url()).toContain('q=failed+to+submit+JOB')
        await answered(page)
        for (const message of await texts(page, 'message')) expect(message).toMatch(/failed to submit job/i)

        await rows(page).first().locator('.message').click()
        await detail(page).waitFor()
        expect(await detail(page).locator('pre').first().innerText()).toMatch(/Error: .*\n\s+at /)

        const job = detail(page).getByRole('button', { name: /job/i }).first()
        await job.click()
        await expect.poll(() => page.url()).toContain('job_id=')
        const jobId = new URL(page.url()).searchParams.get('job_id')
        await page.goto(`${url}?job_id=${jobId}&order=asc`)
        await answered(page)
        const story = await texts(page, 'message')
        expect(story.length).toBeGreaterThan(3)
        expect(new Set(await texts(page, 'component'))).toEqual(new Set(['backend', 'worker']))

        await page.reload()
        await answered(page)
        expect((await texts(page, 'message')).slice(0, story.length)).toEqual(story)

        await browser.close()
        program.signal('SIGINT')
        expect((await program.exit).signal).toBeNull()
      })
    },
    2 * PATIENCE_MS,
  )
})
