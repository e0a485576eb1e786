import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { text, untimedRecord } from '../test/arbitraries.ts'
import { formatJsonRecord } from './json-line.ts'
import { parseLine } from './parse-line.ts'
import { formatPlainRecord } from './plain-line.ts'

const JSON_LINE = '{"timestamp":"2025-11-11T22:30:45.123456Z","level":"INFO","logger":"l","message":"m"}'
const PLAIN_LINE = '2025-11-11 22:30:45 - l - INFO - m'

describe('parseLine', () => {
  it('tells the formats apart', () => {
    expect(parseLine(JSON_LINE)).toMatchObject({ kind: 'record', format: 'json', record: { message: 'm' } })
    expect(parseLine(PLAIN_LINE)).toMatchObject({ kind: 'record', format: 'plain', record: { message: 'm' } })
    expect(parseLine('    at x (y.ts:1:2)')).toStrictEqual({ kind: 'continuation', text: 'at x (y.ts:1:2)' })
    for (const other of ['', 'Listening on 8001', '{"msg":"pino"}', '{', '[]', '-'])
      expect(parseLine(other)).toStrictEqual({ kind: 'text' })
  })

  it('looks past a byte order mark and a carriage return', () => {
    expect(parseLine(`\ufeff${JSON_LINE}\r`)).toMatchObject({ kind: 'record', record: { message: 'm' } })
    expect(parseLine(`\ufeff${PLAIN_LINE}\r`)).toMatchObject({ kind: 'record', record: { message: 'm' } })
    expect(parseLine('    x\r')).toStrictEqual({ kind: 'continuation', text: 'x' })
  })

  it('throws on no text, nor on a line with any damage', () => {
    fc.assert(
      fc.property(text, (line) => void parseLine(line)),
      { numRuns: 3000 },
    )
    const lines = untimedRecord.chain((rest) => {
      const record = { timestamp: '2025-11-11T22:30:45.123456Z', ...rest }
      return fc.constantFrom(formatJsonRecord(record), formatPlainRecord(record))
    })
    fc.assert(
      fc.property(lines, fc.nat(), fc.nat(20), text, (line, at, length, insert) => {
        const position = at % (line.length + 1)
        const damaged = line.slice(0, position) + insert + line.slice(position + length)
        expect(['record', 'continuation', 'text']).toContain(parseLine(damaged).kind)
      }),
      { numRuns: 3000 },
    )
  })

  it('gets through megabytes of hostile repetition', () => {
    // In less than the time limit of the test: work that grows with the square of the length would take hours.
    const heads = [
      '',
      '{',
      '{"a":"',
      `{"timestamp":"`,
      `${PLAIN_LINE} `,
      `${PLAIN_LINE} | a=`,
      `${PLAIN_LINE} | a="`,
      '2025-11-11 22:30:45 - ',
      '    ',
    ]
    const units = [' | ', ' | "', ' | a=', ' | a=1', '\\', '\\"', '"', '[', '{"a":', ' - ', ' - INFO', '\\u00', '1', '1e', ' ', '\n', '\0', '\ud83d', '\u2028', 'a='] // prettier-ignore
    for (const head of heads) {
      for (const unit of units) parseLine(head + unit.repeat(500_000 / unit.length))
    }
  })
})
