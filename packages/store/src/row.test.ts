import type { LogRecord } from '@pixsim7/record'
import { describe, expect, it } from 'vitest'
import { ROW_COLUMNS, decodeRow, encodeRow, type EntryRow } from './row.ts'

function throughStore(record: LogRecord, liftsComponent = false) {
  const placed = { record, offset: 7, length: 100, lines: 1, isBad: false, isCut: false }
  const origin = { file: 3, fileName: 'worker.log', component: 'worker', liftsComponent }
  const values = JSON.parse(encodeRow(placed, origin, 12, '2025-11-11')) as unknown[]
  const row = Object.fromEntries(ROW_COLUMNS.map((column, index) => [column, values[index]]))
  return { row, entry: decodeRow(row as unknown as EntryRow, 'id') }
}

const RECORD: LogRecord = {
  timestamp: '2025-11-11T22:30:45.123456Z',
  level: 'INFO',
  logger: 'job_processor',
  message: 'Processing job #123',
  module: 'job_processor',
  function: 'JobProcessor.process',
  line: 45,
  fields: {},
}

describe('rows', () => {
  it('give back the record they were made of', () => {
    const { row, entry } = throughStore({
      ...RECORD,
      exception: 'Error: x',
      fields: {
        user_id: 1,
        job_id: '123',
        request_id: 'r-1',
        duration_sec: 4.5,
        nested: { b: [1, null], a: 'x' },
      },
    })
    expect(entry).toEqual({
      id: 'id',
      timestamp: RECORD.timestamp,
      level: 'INFO',
      component: 'worker',
      service: null,
      host: null,
      logger: 'job_processor',
      message: 'Processing job #123',
      module: 'job_processor',
      function: 'JobProcessor.process',
      line: 45,
      user_id: 1,
      job_id: '123',
      request_id: 'r-1',
      exception: 'Error: x',
      fields: { duration_sec: 4.5, nested: { b: [1, null], a: 'x' } },
      file: 'worker.log',
      offset: 7,
    })
    expect(row).toMatchObject({ batch: 12, day: '2025-11-11', file: 3, length: 100 })
  })

  it.each([
    ['numbers', { user_id: 0, job_id: -1.5 }, { user_id: 0, job_id: -1.5 }, {}],
    ['texts', { user_id: '', job_id: '007' }, { user_id: '', job_id: '007' }, {}],
    ['a number as request id', { request_id: 5 }, { request_id: '5' }, {}],
    [
      'other types, which stay fields',
      { user_id: true, job_id: null },
      { user_id: null, job_id: null },
      { user_id: true, job_id: null },
    ],
    ['service and host', { service: 'api', host: 'h1' }, { service: 'api', host: 'h1' }, {}],
    [
      'a forged component, which stays a field',
      { component: 'x' },
      { component: 'worker' },
      { component: 'x' },
    ],
  ])('keep ids with their types: %s', (_, fields, expected, rest) => {
    const { entry } = throughStore({ ...RECORD, fields })
    expect(entry).toMatchObject(expected)
    expect(entry.fields).toEqual(rest)
  })

  it('keep the order of fields, and keys that mean something to JavaScript', () => {
    const fields = JSON.parse('{"z":1,"a":2,"__proto__":{"x":1},"constructor":3}') as Record<string, unknown>
    const { entry } = throughStore({ ...RECORD, fields })
    expect(JSON.stringify(entry.fields)).toBe(JSON.stringify(fields))
  })

  it('drop the component of an errors file from the fields where it is the component', () => {
    const { entry } = throughStore({ ...RECORD, fields: { component: 'worker', sole_copy: true } }, true)
    expect(entry.fields).toEqual({ sole_copy: true })
  })

  it('hold what a column cannot hold as near as possible', () => {
    const { row, entry } = throughStore({
      ...RECORD,
      timestamp: '1750-01-01T00:00:00.000000Z',
      line: -3,
      message: 'a\ud800b',
      fields: { text: '\udfff' },
    })
    expect(row['timestamp']).toBe('1900-01-01 00:00:00.000000')
    expect(entry).toMatchObject({ line: null, message: 'a\ufffdb', fields: { line_: -3, text: '\ufffd' } })
  })
})
