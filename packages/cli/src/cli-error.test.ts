import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { CLI_ERROR_CODES } from './cli-error.ts'

test('docs/errors.md explains every code of pixlogs, and no other', async () => {
  const page = await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const section = page.split(/^## /m).find((part) => part.startsWith('packages/cli')) ?? ''
  expect([...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code)).toEqual([...CLI_ERROR_CODES])
})
