import { chromium } from 'playwright-core'
const [, , base, dir, ...names] = process.argv
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
})
for (const scheme of ['light', 'dark'])
  for (const width of [1440, 390]) {
    const ctx = await browser.newContext({
      viewport: { width, height: width === 1440 ? 900 : 844 },
      colorScheme: scheme,
      timezoneId: 'Europe/Berlin',
    })
    const page = await ctx.newPage()
    page.on('pageerror', (e) => console.log('PAGEERROR', e))
    page.on('console', (m) => m.type() === 'error' && console.log('CONSOLE', m.text()))
    await page.goto(base + '/logs')
    await page.getByLabel('Password').fill('demo-password-123')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('.header').waitFor()
    for (const name of names) {
      await page.goto(base + '/' + name)
      await page
        .locator('main[aria-busy="false"], .list-frame[aria-busy="false"]')
        .first()
        .waitFor({ timeout: 15000 })
        .catch((e) => console.log(String(e)))
      await page.waitForTimeout(1200)
      const file = name.replace(/\W+/g, '_').slice(0, 40)
      await page.screenshot({ path: `${dir}/${file}-${scheme}-${width}.png` })
      if (width === 390 || !name.startsWith('logs')) {
        const o = await page.evaluate(() => [
          document.documentElement.scrollWidth - innerWidth,
          document.querySelector('.page-content')?.scrollHeight,
        ])
        console.log(name, scheme, width, o)
      }
    }
    await ctx.close()
  }
await browser.close()
