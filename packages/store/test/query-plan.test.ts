import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tempDir } from '@pixsim7/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { filterSql } from '../src/questions/filter-sql.ts'
import { LOGS_TABLE } from '../src/schema.ts'
import { numberedLines } from './support/lines.ts'
import { openTestStore, rawSql, waitUntilStored } from './support/test-store.ts'

/* A query that misses an index still finds the right rows, a hundred times slower: only the engine's plan tells. */

const PROSE_INDEXES = ['exception_words', 'logger_words', 'message_words']
const INDEXED: readonly (readonly [string, readonly string[], number])[] = [
  ['timeout', PROSE_INDEXES, 3],
  ['-timeout', PROSE_INDEXES, 3],
  ['timeout OR level:error', [...PROSE_INDEXES, 'level_set'], 3],
  ['"did not answer"', PROSE_INDEXES, 3],
  ['*imeou*', PROSE_INDEXES, 3],
  ['conn*', PROSE_INDEXES, 3],
  ['message:timeout', ['message_words'], 1],
  ['job_id:1', ['job_bloom'], 0],
  ['request_id:(a OR b)', ['request_bloom'], 0],
  ['user_id:1 level>=error', ['user_bloom', 'level_set'], 0],
]

let plans: Map<string, string>

beforeAll(async () => {
  const dir = await tempDir('file')
  const file = path.join(dir, 'logs', 'worker.log')
  await mkdir(path.dirname(file))
  await writeFile(file, numberedLines(0, 100, { job_id: 7, user_id: 1 }))
  const { store } = await openTestStore(dir, {}, 'file')
  await waitUntilStored(store, [file])
  await store.close()
  const questions = INDEXED.map(
    ([q], index) =>
      `SELECT ${index} AS question, explain FROM (EXPLAIN actions = 1, indexes = 1 SELECT count() FROM ${LOGS_TABLE} WHERE ${filterSql({ q })})`,
  )
  const rows = await rawSql<{ question: number; explain: string }>(dir, questions.join(' UNION ALL '))
  plans = new Map(
    INDEXED.map(([q], index) => [
      q,
      rows.flatMap(({ question, explain }) => (question === index ? [explain] : [])).join('\n'),
    ]),
  )
})

describe('the plan of a query', () => {
  it.each(INDEXED)('%s uses the indexes %s', (q, indexes, textColumns) => {
    const plan = plans.get(q) ?? ''
    const used = [...plan.matchAll(/Name: (\w+)/g)].map(([, name]) => name)
    expect(new Set(used)).toEqual(new Set(indexes))
    // Read from the index itself: the texts are not even opened.
    expect(new Set(plan.match(/__text_index_(message|exception|logger)_words/g) ?? []).size).toBe(textColumns)
  })
})
