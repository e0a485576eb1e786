import { formatJsonRecord, formatPlainRecord, type LogRecord } from '@pixsim7/record'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PlacedRecord } from '../row.ts'
import { RecordReader, type RecordReaderOptions } from './record-reader.ts'

const START: RecordReaderOptions = {
  offset: 0,
  timestamp: '2020-01-01T00:00:00.000000Z',
  textLevel: 'INFO',
}

function record(message: string, more: Partial<LogRecord> = {}): LogRecord {
  return {
    timestamp: '2025-11-11T22:30:45.000000Z',
    level: 'ERROR',
    logger: 'job_processor',
    message,
    module: null,
    function: null,
    line: null,
    fields: {},
    ...more,
  }
}

function read(text: string | Buffer, options: Partial<RecordReaderOptions> = {}) {
  const reader = new RecordReader({ ...START, ...options })
  const placed = [...reader.push(Buffer.from(text)), ...reader.closePartial()]
  return { placed, skipped: reader.takeSkipped(), reader }
}

const messages = (placed: readonly PlacedRecord[]) => placed.map((one) => one.record.message)

describe('RecordReader', () => {
  it('reads JSON lines as soon as they are complete', () => {
    const reader = new RecordReader(START)
    const line = formatJsonRecord(record('one'))
    expect(reader.push(Buffer.from(`${line}\n${line.slice(0, 20)}`))).toHaveLength(1)
    expect(reader.safeOffset).toBe(line.length + 1)
    expect(messages(reader.push(Buffer.from(`${line.slice(20)}\n`)))).toEqual(['one'])
  })

  it('holds a plain record until the next one begins, and joins its stack', () => {
    const first = formatPlainRecord(record('boom', { exception: 'Error: x\n    at y\n\n    at z' }))
    const reader = new RecordReader(START)
    expect(reader.push(Buffer.from(`${first}\n`))).toEqual([])
    expect(reader.safeOffset).toBe(0)
    const [placed] = reader.push(Buffer.from(`${formatPlainRecord(record('next'))}\n`))
    expect(placed?.record.exception).toBe('Error: x\n    at y\n\n    at z')
    expect(placed).toMatchObject({ offset: 0, length: first.length + 1, lines: 5, isBad: false })
  })

  it('gives the held record when nothing follows', () => {
    const reader = new RecordReader(START)
    reader.push(Buffer.from(`${formatPlainRecord(record('last'))}\n`))
    expect(reader.hasOpen).toBe(true)
    expect(messages(reader.closeOpen())).toEqual(['last'])
    expect(reader.hasOpen).toBe(false)
  })

  it('joins tabs and spaces of other programs to the record before, but not to a JSON record', () => {
    const plain = formatPlainRecord(record('java'))
    expect(read(`${plain}\n\tat com.example\n`).placed[0]?.record.exception).toBe('\tat com.example')
    const after = read(`${formatJsonRecord(record('json'))}\n\tat com.example\n`).placed
    expect(after.map((one) => [one.record.message, one.isBad])).toEqual([
      ['json', false],
      ['\tat com.example', true],
    ])
  })

  it('keeps text with the time of the record before it, and the level of its file', () => {
    const { placed } = read(`what\n${formatJsonRecord(record('one'))}\nis this\n`, { textLevel: 'ERROR' })
    expect(
      placed.map((one) => [one.record.timestamp, one.record.level, one.record.message, one.isBad]),
    ).toEqual([
      ['2020-01-01T00:00:00.000000Z', 'ERROR', 'what', true],
      ['2025-11-11T22:30:45.000000Z', 'ERROR', 'one', false],
      ['2025-11-11T22:30:45.000000Z', 'ERROR', 'is this', true],
    ])
  })

  it('takes time, level and logger of a torn JSON line from what is left of it', () => {
    const torn = formatJsonRecord(record('one', { level: 'CRITICAL' })).slice(0, 110)
    const [placed] = read(`${torn}\n`).placed
    expect(placed).toMatchObject({
      isBad: true,
      record: {
        timestamp: '2025-11-11T22:30:45.000000Z',
        level: 'CRITICAL',
        logger: 'job_processor',
        message: torn,
      },
    })
  })

  it('parts a torn record from the one written on behind it', () => {
    const torn = formatJsonRecord(record('first')).slice(0, 80)
    const whole = formatJsonRecord(record('second'))
    const { placed } = read(`${torn}${whole}\n`)
    expect(placed.map((one) => [one.record.message, one.offset, one.length, one.isBad])).toEqual([
      [torn, 0, 80, true],
      ['second', 80, whole.length + 1, false],
    ])
  })

  it('does not part a text that quotes a record', () => {
    const quoting = `sent ${formatJsonRecord(record('inner'))}`
    expect(messages(read(`${quoting}\n`).placed)).toEqual([quoting])
  })

  it('keeps the first megabyte of a line of ten, marked, and the next line whole', () => {
    const big = formatJsonRecord(record('x'.repeat(10 * 1024 * 1024)))
    const { placed } = read(`${big}\n${formatJsonRecord(record('next'))}\n`)
    expect(placed).toHaveLength(2)
    expect(placed[0]?.record.message).toHaveLength(1024 * 1024)
    expect(placed[0]).toMatchObject({ isBad: true, isCut: true, length: big.length + 1 })
    expect(placed[0]?.record.fields).toEqual({ cut: true, original_bytes: big.length + 1 })
    expect(placed[0]?.record.level).toBe('ERROR')
    expect(placed[1]?.record.message).toBe('next')
  })

  it('bounds a stack without end', () => {
    const stack = `    ${'at somewhere '.repeat(1000)}\n`.repeat(200)
    const { placed } = read(`${formatPlainRecord(record('deep'))}\n${stack}`)
    expect(placed).toHaveLength(1)
    expect(placed[0]).toMatchObject({ lines: 201, isCut: true })
    expect(placed[0]?.record.exception?.length).toBeLessThanOrEqual(1024 * 1024)
  })

  it('says what a run of NULs was, and reads the record behind it', () => {
    const { placed } = read(
      Buffer.concat([Buffer.alloc(5000), Buffer.from(`${formatJsonRecord(record('ok'))}\n`)]),
    )
    expect(placed.map((one) => [one.record.message, one.isBad, one.length])).toEqual([
      ['[5000 NUL bytes]', true, 5000],
      ['ok', false, formatJsonRecord(record('ok')).length + 1],
    ])
  })

  it('keeps a line that is no UTF-8 as text', () => {
    const [placed] = read(Buffer.from('gr\xfc\xdfe\n', 'latin1')).placed
    expect(placed).toMatchObject({ isBad: true, record: { message: 'gr\\xfc\\xdfe' } })
  })

  it('counts blank lines and stores none', () => {
    const { placed, skipped } = read(`\n\r\n${formatJsonRecord(record('one'))}\n\n`)
    expect(messages(placed)).toEqual(['one'])
    expect(skipped.blankLines).toBe(3)
  })

  it('passes over what is stored already, and counts it', () => {
    const lines = ['a', 'b', 'c', 'd'].map((message) => `${formatJsonRecord(record(message))}\n`)
    const length = lines[0]?.length ?? 0
    const stored = [{ offset: length, length: 2 * length, rows: 2, lines: 2, badLines: 0, cutLines: 1 }]
    const { placed, skipped } = read(lines.join(''), { stored })
    expect(messages(placed)).toEqual(['a', 'd'])
    expect(placed[1]?.offset).toBe(3 * length)
    expect(skipped).toEqual({ blankLines: 0, rows: 2, lines: 2, badLines: 0, cutLines: 1 })
  })

  it('ends a record where the next stored one begins, even inside a line', () => {
    const torn = formatJsonRecord(record('torn')).slice(0, 60)
    const whole = `${formatJsonRecord(record('whole'))}\n`
    const stored = [{ offset: 60, length: whole.length, rows: 1, lines: 1, badLines: 0, cutLines: 0 }]
    expect(messages(read(torn + whole, { stored }).placed)).toEqual([torn])
  })

  it('does not give stack lines to a record that is stored without them', () => {
    const plain = `${formatPlainRecord(record('early'))}\n`
    const stored = [{ offset: 0, length: plain.length, rows: 1, lines: 1, badLines: 0, cutLines: 0 }]
    const { placed } = read(`${plain}    at late\n`, { stored })
    expect(placed.map((one) => [one.record.message, one.offset])).toEqual([['    at late', plain.length]])
  })

  it('gives the same records whatever the chunks are, and a position from which the rest is the same', () => {
    const piece = fc.constantFrom(
      `${formatJsonRecord(record('json'))}\n`,
      `${formatPlainRecord(record('plain', { exception: 'Error\n  at a' }))}\n`,
      'text\n',
      '\n',
      '\0\0\0',
      formatJsonRecord(record('torn')).slice(0, 70),
      'größe\n',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        (pieces, sizes, stop) => {
          const bytes = Buffer.from(pieces.join(''))
          const whole = read(bytes).placed
          const first = new RecordReader(START)
          const placed: PlacedRecord[] = []
          let position = 0
          for (let index = 0; position < bytes.length && index < stop % 40; index += 1) {
            const size = sizes[index % sizes.length] ?? 1
            placed.push(...first.push(bytes.subarray(position, position + size)))
            position += size
          }
          // A process is killed here; the next one goes on from the position.
          const next = new RecordReader({ ...START, offset: first.safeOffset, timestamp: first.timestamp })
          placed.push(...next.push(bytes.subarray(first.safeOffset)), ...next.closePartial())
          expect(placed).toEqual(whole)
        },
      ),
    )
  })
})
