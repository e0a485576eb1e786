/** docs/defects.md names, for each defect of the original, a test that is there. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const ROOT = path.join(import.meta.dirname, '..')
/** The sections of the page, and how many numbers they have. */
const NUMBERS: Readonly<Record<string, number>> = { '4.1': 6, '4.2': 6, '4.3': 9 }

const page = readFileSync(path.join(ROOT, 'docs/defects.md'), 'utf8')
const rows = page.split(/^## /m).flatMap((section) => {
  const title = section.slice(0, 3)
  return [...section.matchAll(/^\| (\d+) \| (.+?) \| (\S+) \| (.+?) \|$/gm)].map(
    ([, number = '', defect = '', file = '', test = '']) =>
      [`${title}.${number} ${defect}`, { title, number: Number(number), file, test }] as const,
  )
})

it.each(rows)('%s: its test exists', (_, { file, test }) => {
  const source = path.join(ROOT, file.includes('/') ? file : `apps/pixsim7/test/${file}`)
  expect(existsSync(source), `${file} exists`).toBe(true)
  // The name of the test, as it stands in the call that declares it.
  const names = readFileSync(source, 'utf8').matchAll(
    /\b(?:it|test)(?:\.(?:each|for)[^]*?\](?: as const)?\))?\(\s*(['"`])(.*?)\1,/g,
  )
  expect([...names].map(([, , name]) => name)).toContainEqual(expect.stringContaining(test))
})

it.each(Object.entries(NUMBERS))('all numbers of section %s are on the page', (title, count) => {
  const numbers = new Set(rows.filter(([, row]) => row.title === title).map(([, row]) => row.number))
  expect([...numbers].sort()).toEqual(Array.from({ length: count }, (_, index) => index + 1))
})
