import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  formatJsonRecord,
  formatPlainRecord,
  parseLine,
  parsePlainContinuation,
  withContinuation,
  type LogRecord,
} from '@pixsim7/record'

/** The page tells users what lines look like; its examples must be lines we read and write. */
const page = readFileSync(path.join(import.meta.dirname, '../../../docs/line-formats.md'), 'utf8')

function exampleAfter(heading: string): string[] {
  const block = new RegExp(`## ${heading}\\n[^]*?\`\`\`\\w*\\n([^]*?)\\n\`\`\``).exec(page)?.[1]
  if (block === undefined) throw new Error(`docs/line-formats.md has no example under "${heading}"`)
  return block.split('\n')
}

function read(line: string): LogRecord {
  const parsed = parseLine(line)
  if (parsed.kind !== 'record') throw new Error(`Not a record: ${line}`)
  return parsed.record
}

describe('docs/line-formats.md', () => {
  it('shows a JSON line as it is written', () => {
    for (const line of exampleAfter('JSON lines')) expect(formatJsonRecord(read(line))).toBe(line)
  })

  it('shows plain lines as they are written', () => {
    const [first = '', ...rest] = exampleAfter('Plain lines')
    expect(formatPlainRecord(read(first))).toBe(first)
    const [second = '', ...stack] = rest
    const failed = stack.reduce(
      (record, line) => withContinuation(record, parsePlainContinuation(line) ?? ''),
      read(second),
    )
    expect(formatPlainRecord(failed)).toBe(rest.join('\n'))
    expect(stack).toHaveLength(2)
  })
})
