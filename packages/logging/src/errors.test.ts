import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { LOGGING_ERROR_CODES, settingsError } from './errors.ts'
import { LOGGING_SETTINGS } from './settings/library.ts'

describe('documentation', () => {
  it('docs/errors.md explains exactly the codes there are', () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../../docs/errors.md'), 'utf8')
    const explained = [...page.matchAll(/^\| `(LOGGING_[A-Z_]+)` \|/gm)].map((match) => match[1])
    expect(explained).toEqual([...LOGGING_ERROR_CODES])
  })

  it('README.md lists every setting with its default', () => {
    const page = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')
    for (const { name, default: text } of Object.values(LOGGING_SETTINGS)) {
      expect(page).toContain(text === undefined ? `\`${name}\`` : `\`${name}=${text}\``)
    }
  })
})

describe('settingsError', () => {
  it('names all problems', () => {
    const problem = { name: 'PORT', value: 'x', source: 'environment', expected: 'a port' }
    expect(settingsError([problem]).message).toBe(
      'One setting cannot be used, so nothing was started. Correct and start again:\n' +
        '  PORT="x" (from environment); expected a port',
    )
    expect(settingsError([problem, { ...problem, value: undefined }]).message).toContain(
      'PORT is not set; expected a port',
    )
  })
})
