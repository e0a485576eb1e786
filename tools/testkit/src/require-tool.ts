import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'
import { installPackage } from './install-package.ts'

/** What a test passes as its context: vitest's own. */
export interface SkippableTest {
  readonly task: { readonly name: string; readonly file?: { readonly name: string } }
  skip(note?: string): never
}

interface Tool {
  /** Names it may have, in the order they are tried; absolute paths too. */
  readonly commands: readonly string[]
  /** Package of Debian and Ubuntu that brings it. */
  readonly debianPackage: string
}

const TOOLS: Readonly<Record<string, Tool>> = {
  chromium: {
    commands: [
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    debianPackage: 'chromium',
  },
  setpriv: { commands: ['setpriv'], debianPackage: 'util-linux' },
  unshare: { commands: ['unshare'], debianPackage: 'util-linux' },
  prlimit: { commands: ['prlimit'], debianPackage: 'util-linux' },
  flock: { commands: ['flock'], debianPackage: 'util-linux' },
  rg: { commands: ['rg'], debianPackage: 'ripgrep' },
  script: { commands: ['script'], debianPackage: 'bsdutils' },
  mkfifo: { commands: ['mkfifo'], debianPackage: 'coreutils' },
}

/** Where programs for administrators are, which the PATH of a plain user lacks. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin', '/usr/local/sbin']

/**
 * The path of a program of the system that a test cannot do without. A missing one is installed once where that is possible
 * (Debian or Ubuntu, as root). Else the test is skipped, with its name and the reason on stderr; with CI=true it fails instead.
 *
 * ```ts
 * it('survives logrotate', async (context) => {
 *   const logrotate = await requireTool(context, 'logrotate')
 * ```
 *
 * @param name A command, or `chromium` for whichever browser of that family there is.
 */
export async function requireTool(context: SkippableTest, name: string): Promise<string> {
  const tool = toolOf(name)
  const found = findTool(name) ?? ((await installPackage(tool.debianPackage)) ? findTool(name) : undefined)
  if (found !== undefined) return found
  const note = `needs ${name} (Debian package ${tool.debianPackage}), which is not here and could not be installed`
  const test = [context.task.file?.name, context.task.name].filter((part) => part !== undefined).join(' > ')
  process.stderr.write(`SKIPPED: ${test}: ${note}\n`)
  if (isContinuousIntegration()) throw new Error(`${test} ${note}; with CI=true no test may be skipped`)
  return context.skip(note)
}

/** The path of a program of the system, or undefined when it is not installed. */
export function findTool(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...SYSTEM_FOLDERS].filter(
    (folder) => folder !== '',
  )
  return toolOf(name)
    .commands.flatMap((command) =>
      path.isAbsolute(command) ? [command] : folders.map((folder) => path.join(folder, command)),
    )
    .find(isExecutable)
}

function toolOf(name: string): Tool {
  return Object.hasOwn(TOOLS, name) ? (TOOLS[name] as Tool) : { commands: [name], debianPackage: name }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    // Not there, or not for us: the next place is tried.
    return false
  }
}

function isContinuousIntegration(): boolean {
  return !['', '0', 'false'].includes(process.env['CI'] ?? '')
}
