/** Runs the examples of docs/best-practices.md and writes what they print into it: `npm run docs:examples`. */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readExamples, readPrelude, withOutputs } from './page-examples/examples.ts'
import { runExamples } from './page-examples/run-examples.ts'

const file = path.join(import.meta.dirname, '../docs/best-practices.md')
const page = readFileSync(file, 'utf8')
const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'pixsim7-examples-')))
try {
  const sources = readExamples(page).map(({ source }) => `${readPrelude(page)}\n${source}`)
  writeFileSync(file, withOutputs(page, await runExamples(sources, folder)))
  process.stdout.write(`${file}: ${sources.length} examples\n`)
} finally {
  rmSync(folder, { recursive: true })
}
