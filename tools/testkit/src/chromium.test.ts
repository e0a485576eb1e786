import { expect, it } from 'vitest'
import { launchChromium } from './chromium.ts'

it('launchChromium starts a browser that shows a page, alone in its profile', async (context) => {
  const browser = await launchChromium(context, 'test')
  const page = await browser.newPage()
  await page.goto('data:text/html,<title>one</title><p>Hello')
  expect(await page.title()).toBe('one')
  expect(await page.locator('p').innerText()).toBe('Hello')
  expect(browser.contexts()).toHaveLength(1)
})
