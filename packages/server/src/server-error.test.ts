import { PROBLEM_STATUS } from '@pixsim7/protocol'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { ServerError, START_ERROR_CODES } from './server-error.ts'

/** Codes in the first column of the tables below a heading of docs/errors.md, with the second column when it is a number. */
async function documented(heading: string): Promise<[string, number | undefined][]> {
  const page = await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| `(\w+)` \| (\d{3})?/gm)].map(([, code = '', status]) => [
    code,
    status === undefined ? undefined : Number(status),
  ])
}

test('docs/errors.md explains every code of the HTTP contract, with its status, and no other', async () => {
  expect(await documented('packages/protocol and packages/server: HTTP')).toEqual(
    Object.entries(PROBLEM_STATUS),
  )
})

test('docs/errors.md explains every code that stops the start, and no other', async () => {
  expect((await documented('packages/server: start')).map(([code]) => code)).toEqual([...START_ERROR_CODES])
})

test('only codes of the HTTP contract are sent to clients', () => {
  expect(new ServerError('bad_cursor', '').problemCode).toBe('bad_cursor')
  expect(new ServerError('SERVER_PORT_TAKEN', '').problemCode).toBeUndefined()
})
