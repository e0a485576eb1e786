import { chromium, type Browser } from 'playwright-core'
import { cleanUpAfter, type Lifetime } from './cleanup.ts'
import { requireTool, type SkippableTest } from './require-tool.ts'

/** Quiet and alone: no first-run pages, no services that reach for the network, no sandbox (which root cannot have). */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Starts the system's Chromium, headless, with a profile of its own that is removed with it (Playwright makes a fresh one for
 * each launch). Closed after the file's last test, or with `test` after the running test. Without a Chromium the test is
 * skipped or fails, see requireTool.
 */
export async function launchChromium(context: SkippableTest, lifetime: Lifetime = 'file'): Promise<Browser> {
  const executablePath = await requireTool(context, 'chromium')
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS })
  const forget = cleanUpAfter(lifetime, () => browser.close())
  browser.once('disconnected', forget)
  return browser
}
