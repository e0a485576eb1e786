import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { queryMatcher, readQuery, type LogStore, type QueryTree } from '@pixsim7/store'
import { tempDir } from '@pixsim7/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { allEntries, openTestStore, waitUntilStored } from './support/test-store.ts'

/* Every example of docs/query-language.md, against the lines of that page. */

const PAGE = await readFile(new URL('../../../docs/query-language.md', import.meta.url), 'utf8')
const LINES = /```json\n([^]*?)```/.exec(PAGE)?.[1] ?? ''

/** The rows of the tables under a heading: query, second and third column, `|` unescaped. */
function rows(heading: string): string[][] {
  return PAGE.split('\n')
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('\\|', '|').trim()))
    .reduce<{ heading: string; rows: string[][] }>(
      (found, cells) => {
        if (cells[1] === 'query') return { ...found, heading: cells[2] ?? '' }
        const query = /^`(.*)`$/.exec(cells[1] ?? '')?.[1]
        if (found.heading === heading && query !== undefined) {
          found.rows.push([query, cells[2] ?? '', cells[3] ?? ''])
        }
        return found
      },
      { heading: '', rows: [] },
    ).rows
}

const EXAMPLES = rows('is read as')
const PROBLEMS = rows('at')

let store: LogStore

beforeAll(async () => {
  const dir = await tempDir('file')
  const file = path.join(dir, 'logs', 'examples.log')
  await mkdir(path.dirname(file))
  await writeFile(file, LINES)
  ;({ store } = await openTestStore(dir, {}, 'file'))
  await waitUntilStored(store, [file])
})

describe('the page of the query language', () => {
  it('has its examples where this test finds them', () => {
    expect(EXAMPLES.length).toBeGreaterThan(50)
    expect(PROBLEMS.length).toBeGreaterThan(5)
    expect(LINES.trim().split('\n')).toHaveLength(10)
  })

  it.each(EXAMPLES)('%s is read as it says: %s', async (q, words, lines) => {
    const reading = readQuery(q)
    expect(reading).toMatchObject({ words, problem: null })
    const all = await allEntries(store)
    const numbersOf = (found: typeof all) =>
      found.map(({ id }) => 1 + all.findIndex((entry) => entry.id === id)).join(' ') || 'none'
    expect(numbersOf(await allEntries(store, { q }))).toBe(lines)
    expect(numbersOf(all.filter(queryMatcher(reading.tree as QueryTree)))).toBe(lines)
  })

  it.each(PROBLEMS)('%s has a problem at %s', (q, offset, message) => {
    expect(readQuery(q).problem).toEqual({ offset: Number(offset), message })
  })
})
