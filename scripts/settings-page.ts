/** Writes docs/settings.md: `npm run docs:settings`. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { differingDefaults } from './settings-page/declared.ts'
import { renderSettingsPage } from './settings-page/render.ts'

const page = path.join(import.meta.dirname, '../docs/settings.md')
const differing = differingDefaults()
if (differing.length > 0) {
  process.stderr.write(
    `The launcher (apps/dev/src/settings/variables.ts) has other defaults than the programs:\n${differing.join('\n')}\n`,
  )
  process.exitCode = 1
} else {
  writeFileSync(page, renderSettingsPage())
  process.stdout.write(`${page}\n`)
}
