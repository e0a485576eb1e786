// Runs the launcher's generic part with the plan in a JSON file: node launcher.mjs PLAN
import { readFileSync } from 'node:fs'
import { runLauncher } from '../../dist/launcher.js'
import { LauncherError } from '../../dist/launcher-error.js'
import { createMask } from '../../dist/terminal/mask-secrets.js'
import { Screen } from '../../dist/terminal/screen.js'

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'))
try {
  process.exitCode = await runLauncher(
    {
      ...plan,
      environment: process.env,
      findProblems: () => Promise.resolve(plan.problems ?? []),
      summarise: (announcementOf) =>
        `SUMMARY ${plan.services.map(({ name }) => announcementOf(name)).join(' ')}`,
      lastWords: (announcementOf) => announcementOf('first') && `LAST WORDS ${announcementOf('first')}`,
    },
    new Screen(process.stdout, createMask([])),
  )
} catch (error) {
  if (!(error instanceof LauncherError)) throw error
  process.stderr.write(`${error.code}: ${error.message}\n`)
  process.exitCode = 1
}
process.exit()
