/** docs/events.md names every event of the source, and no other: message, level, logger, fields, and file. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { scanEvents } from './scan-events.ts'

interface Row {
  readonly fields: ReadonlySet<string>
  readonly files: ReadonlySet<string>
}

const FILES: Readonly<Record<string, readonly string[]>> = {
  'backend.log': ['backend.log'],
  'worker.log': ['worker.log'],
  both: ['backend.log', 'worker.log'],
}

/** Rows of the page by `LEVEL logger: message`. */
function readPage(): Map<string, Row> {
  const page = readFileSync(path.join(import.meta.dirname, '../../../docs/events.md'), 'utf8')
  const rows = new Map<string, Row>()
  for (const line of page.split('\n').filter((one) => /^\| .* \| [A-Z]+ \| /.test(one))) {
    const [message = '', level = '', logger = '', fields = '', file = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim())
    const key = `${level} ${logger}: ${message}`
    if (rows.has(key)) throw new Error(`docs/events.md has '${key}' twice`)
    rows.set(key, {
      fields: new Set(fields.split(' ').filter(Boolean)),
      files: new Set(FILES[file] ?? [`an unknown file: ${file}`]),
    })
  }
  return rows
}

/** The source's events by the same key; an event told in several places has the fields of all. */
function readSource(): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const { level, logger, message, fields, files } of scanEvents()) {
    const key = `${level} ${logger}: ${message}`
    const before = rows.get(key)
    rows.set(key, {
      // A record has its error under another name than the call.
      fields: new Set(
        [...(before?.fields ?? []), ...fields].map((name) => (name === 'error' ? 'exception' : name)),
      ),
      files: new Set([...(before?.files ?? []), ...files]),
    })
  }
  return rows
}

describe('docs/events.md', () => {
  const page = readPage()
  const source = readSource()

  it('has a row for each event of the source, and none besides', () => {
    expect(source.size).toBeGreaterThan(100)
    expect([...page.keys()].sort()).toEqual([...source.keys()].sort())
  })

  it.each([...source])('%s has the fields of its row', (key, { fields }) => {
    expect([...(page.get(key)?.fields ?? [])].sort()).toEqual([...fields].sort())
  })

  it('names no file whose program does not contain the event', () => {
    for (const [key, { files }] of page) {
      for (const file of files) expect(source.get(key)?.files, key).toContain(file)
    }
  })

  it('has no message with a word for a level, and no code in upper case', () => {
    for (const key of source.keys()) {
      const message = key.replace(/^.*?: /, '')
      expect(message).not.toMatch(/DEBUG|INFO|WARNING|ERROR|CRITICAL|[A-Z]{3}_[A-Z]/)
    }
  })
})
