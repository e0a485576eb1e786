/** A real log server on real files in a temporary folder, and pages of a real browser on its panel. */
import { freePort, launchChromium, startNode, tempDir, waitFor, type Program } from '@pixsim7/testkit'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Cookie, Locator, Page } from 'playwright-core'
import { expect, onTestFinished, type TestContext } from 'vitest'
import { appendLines, sampleLines, type Line } from './log-lines.ts'

const SERVER = path.join(import.meta.dirname, '../../server/dist/main.js')
export const PASSWORD = 'correct horse battery staple'
const TOKEN = 'token-of-the-panel-tests-0123456789'
/** Patience of a test on a noisy machine, in milliseconds. */
export const PATIENCE_MS = 60_000

export interface PageOptions {
  /** Path of the page; default `/logs`. */
  readonly path?: string
  readonly search?: string
  readonly colorScheme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

/** One log server and one browser for all tests of a file. */
export class PanelFixture {
  readonly folder: string
  readonly #dataDir: string
  readonly #port: number
  #server: Program
  #browser: Promise<Browser> | undefined
  /** Cookies of the last page that signed in: signing in is slow by intent, and tested by itself. */
  #cookies: Cookie[] = []

  private constructor(folder: string, dataDir: string, port: number) {
    this.folder = folder
    this.#dataDir = dataDir
    this.#port = port
    this.#server = this.#start()
  }

  /** Starts a log server over lines by component, by default the sample's, and waits until it has stored them all. */
  static async start(
    lines: Readonly<Record<string, readonly Line[]>> = sampleLines(),
  ): Promise<PanelFixture> {
    const root = await tempDir('file')
    const folder = path.join(root, 'logs')
    await mkdir(folder)
    for (const [component, ofComponent] of Object.entries(lines)) {
      await appendLines(folder, component, ofComponent)
    }
    const fixture = new PanelFixture(folder, path.join(root, 'store'), await freePort())
    await fixture.untilStored(Object.values(lines).flat().length)
    return fixture
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  append(component: string, ...lines: Parameters<typeof appendLines>[2]): Promise<void> {
    return appendLines(this.folder, component, lines)
  }

  /** Waits until the store has at least so many entries of the followed files. */
  async untilStored(count: number): Promise<void> {
    await waitFor(
      async () => {
        const health = (await (await fetch(`${this.url}/api/v1/health`)).json()) as { rows: number }
        return health.rows >= count
      },
      { what: `${count} entries in the store`, timeoutMs: 120_000, intervalMs: 100 },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.#server.stdout}\n${this.#server.stderr}`, { cause: error })
    })
  }

  async stopServer(): Promise<void> {
    await this.#server.stop()
  }

  startServer(): void {
    this.#server = this.#start()
  }

  /** A page in a profile of its own, closed after the test. Errors of its scripts fail the test. */
  async open(
    context: TestContext,
    options: PageOptions = {},
    cookies: readonly Cookie[] = [],
  ): Promise<Page> {
    this.#browser ??= launchChromium(context, 'file')
    const browser = await this.#browser
    const profile = await browser.newContext({
      viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
      colorScheme: options.colorScheme ?? 'light',
      timezoneId: 'Europe/Berlin',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await profile.addCookies(cookies)
    const page = await profile.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.stack ?? String(error)))
    page.on('console', (message) => {
      // A refused request is part of some tests; a refused script or style, or our own error, never is.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        faults.push(message.text())
    })
    onTestFinished(async () => {
      await profile.close()
      expect(faults).toEqual([])
    })
    await page.goto(`${this.url}${options.path ?? '/logs'}${options.search ?? ''}`)
    return page
  }

  /** A page of somebody signed in, with its first answer on it. */
  async openSignedIn(context: TestContext, options: PageOptions = {}): Promise<Page> {
    const page = await this.open(context, options, this.#cookies)
    const password = page.getByLabel('Password')
    await password.or(page.locator('.header')).waitFor()
    if (await password.isVisible()) {
      await signIn(page)
      await page.locator('.header').waitFor()
      this.#cookies = await page.context().cookies()
    }
    await answered(page)
    return page
  }

  /** Asks the API with a token of its own, as a script would. */
  ask(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${this.url}/api/v1${path}`, { headers: { authorization: `Bearer ${TOKEN}`, ...headers } })
  }

  #start(): Program {
    return startNode(SERVER, [], {
      cwd: path.dirname(this.folder),
      lifetime: 'file',
      env: {
        LOGS_HOST: '127.0.0.1',
        LOGS_PORT: String(this.#port),
        LOGS_DATA_DIR: this.#dataDir,
        LOGS_FILES: path.join(this.folder, '*.log*'),
        LOGS_ADMIN_PASSWORD: PASSWORD,
        LOGS_API_TOKEN: TOKEN,
        // Its own log lies elsewhere, so that the store holds the sample lines only.
        LOG_DIR: path.join(path.dirname(this.folder), 'own'),
      },
    })
  }
}

export async function signIn(page: Page, password = PASSWORD): Promise<void> {
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Waits until the page shows the answer to the question of the present URL. */
export async function answered(page: Page): Promise<void> {
  const list = page
    .locator('.total[data-total]')
    .and(page.locator('.result-bar:has(~ .list-frame[aria-busy="false"]:not([data-stale])) .total'))
  await list.or(page.locator('.page[aria-busy="false"] .page-head .hint')).first().waitFor()
}

/** The rows of the list. */
export function rows(page: Page): Locator {
  return page.locator('.row[data-id]')
}

/** Messages of the rows drawn, from the top. */
export async function messages(page: Page): Promise<string[]> {
  return page.locator('.row .message-text').allInnerTexts()
}

/** Waits until the whole result has so many entries. */
export async function total(page: Page, count: number): Promise<void> {
  await expect
    .poll(() => page.locator('.total').getAttribute('data-total'), { timeout: PATIENCE_MS })
    .toBe(String(count))
}

/** Waits until the page's URL has this search part. */
export async function searchPart(page: Page, search: string): Promise<void> {
  await expect.poll(() => new URL(page.url()).search, { timeout: PATIENCE_MS }).toBe(search)
}
