import { LEVELS, type LogEntry } from '@pixsim7/record'
import type { Static } from 'typebox'
import { Value } from 'typebox/value'
import { expect, expectTypeOf, test } from 'vitest'
import { EntrySchema } from './schemas.ts'

type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T

const entry: LogEntry = {
  id: 'a1',
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
  user_id: 1,
  job_id: '123',
  request_id: null,
  exception: null,
  fields: { user_id: 1, job_id: '123', nested: { a: [1, null] } },
  file: 'worker.log',
  offset: 0,
}

test('EntrySchema and LogEntry are the same type, key by key', () => {
  expectTypeOf<Static<typeof EntrySchema>>().toEqualTypeOf<Mutable<LogEntry>>()
  expectTypeOf<Static<typeof EntrySchema>>().not.toEqualTypeOf<Omit<Mutable<LogEntry>, 'offset'>>()
})

test('an entry of the store passes EntrySchema, and its keys are exactly those of the schema', () => {
  expect(Value.Check(EntrySchema, entry)).toBe(true)
  expect(Object.keys(entry)).toEqual(Object.keys(EntrySchema.properties))
  for (const level of LEVELS) expect(Value.Check(EntrySchema, { ...entry, level })).toBe(true)
  expect(Value.Check(EntrySchema, { ...entry, level: 'TRACE' })).toBe(false)
  for (const key of Object.keys(entry)) {
    const { [key as 'id']: _left, ...rest } = entry
    expect(Value.Check(EntrySchema, rest), `without ${key}`).toBe(false)
  }
})
