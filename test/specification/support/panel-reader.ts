/** The panel in a real browser, for what an address shows. */
import type { Page } from 'playwright-core'
import { PATIENCE_MS, type RunningSystem } from '../../support/running-system.ts'

/** Somebody signed in. */
export class PanelReader {
  readonly #page: Page
  readonly #url: string

  private constructor(page: Page, url: string) {
    this.#page = page
    this.#url = url
  }

  static async signIn(page: Page, system: RunningSystem): Promise<PanelReader> {
    page.setDefaultTimeout(PATIENCE_MS)
    await page.goto(system.panelUrl)
    await page.getByLabel('Password').fill(system.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('.total[data-total]').waitFor()
    return new PanelReader(page, system.logServerUrl)
  }

  /** Opens an address that is written as the documents write it. */
  async open(address: string): Promise<Page> {
    const { pathname, search } = new URL(address)
    await this.#page.goto(`${this.#url}${pathname}${search}`)
    return this.#page
  }

  /** Ids of the entries that an address of the log shows, and how many it says there are. */
  async entries(address: string): Promise<{ ids: string[]; total: number }> {
    const page = await this.open(address)
    await page.locator('.list-frame[aria-busy="false"]:not([data-stale])').waitFor()
    const total = Number(await page.locator('.total[data-total]').getAttribute('data-total'))
    // Rows far from the middle of the screen are not in the document: all are seen by going through them.
    const ids = new Set<string>()
    const seen = async () =>
      (
        await page
          .locator('.row[data-id]')
          .evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset['id'] ?? ''))
      ).forEach((id) => ids.add(id))
    await seen()
    for (let step = 0; ids.size < total && step < total; step++) {
      await page.locator('.row[data-id]').last().scrollIntoViewIfNeeded()
      await seen()
    }
    return { ids: [...ids], total }
  }

  /** The figure of a tile of the page of requests. */
  async tile(address: string, name: string): Promise<number> {
    const page = await this.open(address)
    const text = await page.locator('.tile', { hasText: name }).locator('b').innerText()
    return Number(text.replaceAll(/\D/g, ''))
  }

  /** How many entries the page of requests calls slow. */
  async slow(address: string): Promise<number> {
    const page = await this.open(address)
    return Number(/\d+/.exec(await page.locator('.over-total').innerText())?.[0])
  }
}
