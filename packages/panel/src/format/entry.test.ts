import type { Entry } from '@pixsim7/protocol/client'
import { describe, expect, it } from 'vitest'
import { callSite, detailFields, fieldsPreview, idBadges, plainLine, valueText } from './entry.ts'

const ENTRY: Entry = {
  id: 'e1',
  timestamp: '2025-11-11T22:30:45.123456Z',
  level: 'INFO',
  component: 'worker',
  service: null,
  host: null,
  logger: 'job_processor',
  message: 'Processing job #123',
  module: 'job_processor',
  function: 'process_job',
  line: 45,
  user_id: 0,
  job_id: 123,
  request_id: '7f8b6f9c-1111-4222-8333-444455556666',
  exception: null,
  fields: {
    user_id: 0,
    job_id: 123,
    request_id: '7f8b6f9c-1111-4222-8333-444455556666',
    attempt: 1,
    tags: ['a'],
  },
  file: 'worker.log',
  offset: 4096,
}

describe('the ids of an entry', () => {
  it('are badges, 0 as well, long ones cut', () => {
    expect(idBadges(ENTRY).map((badge) => badge.label)).toEqual(['user 0', 'job 123', 'req 7f8b6f9c…'])
    expect(idBadges(ENTRY).map((badge) => badge.value)).toEqual(['0', '123', ENTRY.request_id])
  })

  it('that are missing have none', () => {
    expect(idBadges({ ...ENTRY, user_id: null, job_id: null, request_id: '' })).toEqual([])
  })
})

describe('the preview of the fields', () => {
  it('holds what the badges do not, on one line', () => {
    expect(fieldsPreview(ENTRY)).toBe('attempt=1  tags=["a"]')
    expect(fieldsPreview({ ...ENTRY, fields: { user_id: 1 } })).toBe('')
  })

  it('is bounded, whatever the fields hold', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`f${index}`, 'x'.repeat(5000)]),
    )
    expect(fieldsPreview({ ...ENTRY, fields }).length).toBe(400)
  })
})

describe('the call site', () => {
  it.each([
    [{}, 'job_processor → process_job:45'],
    [{ line: null }, 'job_processor → process_job'],
    [{ function: null }, 'job_processor:45'],
    [{ module: null }, 'process_job:45'],
    [{ module: null, function: null }, null],
  ])('with %j is %s', (without, text) => {
    expect(callSite({ ...ENTRY, ...without })).toBe(text)
  })
})

describe('the fields of the details', () => {
  const fields = detailFields(ENTRY)

  it('name each value once, the ids first, with the filter that asks for it', () => {
    expect(fields.map((field) => field.name)).toEqual([
      ...['user_id', 'job_id', 'request_id', 'attempt', 'tags'],
      ...['timestamp', 'level', 'component', 'logger', 'call site', 'file', 'id'],
    ])
    expect(fields[1]).toEqual({
      name: 'job_id',
      value: '123',
      filter: { job_id: '123' },
      term: 'job_id:123',
    })
    expect(fields.find((field) => field.name === 'level')?.filter).toEqual({ levels: ['INFO'] })
  })

  it('show an id that is null in its column but stands in the fields', () => {
    const odd = detailFields({ ...ENTRY, job_id: null, fields: { job_id: { nested: 1 } } })
    expect(odd.find((field) => field.name === 'job_id')).toEqual({
      name: 'job_id',
      value: '{\n  "nested": 1\n}',
      term: 'job_id:*',
    })
  })

  it('have the condition that asks for the value; a structure is asked for by its name, a time and an id not at all', () => {
    const terms = Object.fromEntries(fields.map(({ name, term }) => [name, term]))
    expect(terms).toMatchObject({
      attempt: 'attempt:1',
      tags: 'tags:*',
      level: 'level:INFO',
      'call site': '(module:job_processor function:process_job line:45)',
    })
    expect([terms['timestamp'], terms['id'], terms['file']]).toEqual([undefined, undefined, undefined])
  })

  it.each([
    ['text', 'text'],
    [null, 'null'],
    [1.5, '1.5'],
    [false, 'false'],
    [{ a: [1] }, '{\n  "a": [\n    1\n  ]\n}'],
  ])('write the value %j', (value, text) => {
    expect(valueText(value)).toBe(text)
  })
})

it('quotes an entry as one line', () => {
  expect(plainLine(ENTRY)).toBe('2025-11-11T22:30:45.123456Z - job_processor - INFO - Processing job #123')
})
