import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { FILES_ERROR_CODES, FilesError, systemCodeOf } from './files-error.ts'

describe('FilesError', () => {
  it('carries the code of the system beside its own', () => {
    const cause = Object.assign(new Error('full'), { code: 'ENOSPC' })
    expect(new FilesError('FILES_OPEN_FAILED', '/a', 'text', cause)).toMatchObject({
      systemCode: 'ENOSPC',
      cause,
      name: 'FilesError',
    })
    expect(new FilesError('FILES_CLOSED', '/a', 'text')).not.toHaveProperty('cause')
    for (const value of [undefined, null, 'x', {}, { code: 5 }]) expect(systemCodeOf(value)).toBeUndefined()
  })

  it('has exactly the codes that docs/errors.md explains', () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../../docs/errors.md'), 'utf8')
    const section = /## packages\/files\n([^]*?)(?=\n## |$)/.exec(page)?.[1] ?? ''
    const codes = [...section.matchAll(/^\| `(\w+)` \| .+ \| .+ \|$/gm)].map((match) => match[1])
    expect(codes.sort()).toStrictEqual([...FILES_ERROR_CODES].sort())
  })
})
