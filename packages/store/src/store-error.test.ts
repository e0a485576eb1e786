import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { STORE_ERROR_CODES } from './store-error.ts'

it('docs/errors.md explains exactly the codes of the store', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../../docs/errors.md'), 'utf8')
  const section = /## packages\/store\n([\s\S]*?)(?=\n## |$)/.exec(page)?.[1] ?? ''
  const explained = [...section.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1])
  expect(explained.sort()).toEqual([...STORE_ERROR_CODES].sort())
})
