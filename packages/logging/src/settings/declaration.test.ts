import { describe, expect, expectTypeOf, it } from 'vitest'
import { LoggingError } from '../errors.ts'
import { describeSettings, readSettings, setting } from './declaration.ts'
import { durationMs, port, text, url } from './parsers.ts'
import { findSettings } from './source.ts'

const SETTINGS = {
  port: setting('PORT', port(), { default: '8001', doc: 'Port of the API' }),
  timeoutMs: setting('TIMEOUT', durationMs(), { default: '10s', doc: 'Longest request' }),
  databaseUrl: setting('DATABASE_URL', url(['postgres:']), { doc: 'Database' }),
  secretKey: setting('SECRET_KEY', text({ minLength: 16 }), {
    doc: 'Signs tokens',
    isRequired: true,
    isSecret: true,
  }),
}

const read = (env: Record<string, string>) => readSettings(SETTINGS, findSettings({ env, cwd: '/' }))

describe('readSettings', () => {
  it('gives typed, frozen values, with defaults where nothing is given', () => {
    const values = read({ SECRET_KEY: 'x'.repeat(16), PORT: '0' })
    expect(values).toEqual({ port: 0, timeoutMs: 10_000, databaseUrl: undefined, secretKey: 'x'.repeat(16) })
    expect(Object.isFrozen(values)).toBe(true)
    expectTypeOf(values.port).toEqualTypeOf<number>()
    expectTypeOf(values.databaseUrl).toEqualTypeOf<string | undefined>()
  })

  it('reports all mistakes in one error, and no secret in it', () => {
    let error: unknown
    try {
      read({ PORT: '99999', TIMEOUT: '10', DATABASE_URL: 'mysql://joe:hunter2@db', SECRET_KEY: 'short' })
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(LoggingError)
    const { code, message, problems } = error as LoggingError
    expect(code).toBe('LOGGING_SETTINGS_INVALID')
    expect(problems.map(({ name }) => name)).toEqual(['PORT', 'TIMEOUT', 'DATABASE_URL', 'SECRET_KEY'])
    expect(message).toContain('PORT="99999" (from environment); expected a port, 0 to 65535')
    expect(message).toContain('SECRET_KEY="[redacted]"')
    expect(message).not.toContain('hunter2')
    expect(message).not.toContain('short')
  })

  it('says what is required and missing', () => {
    expect(() => read({})).toThrow('SECRET_KEY is not set; expected at least 16 characters')
  })

  it('treats a default that its own parser refuses as our mistake', () => {
    const wrong = { a: setting('A', port(), { default: 'x', doc: '' }) }
    expect(() => readSettings(wrong, findSettings({ env: {}, cwd: '/' }))).toThrow('BUG: the default of A')
  })
})

describe('describeSettings', () => {
  it('gives a line for each', () => {
    expect(describeSettings(SETTINGS).split('\n')[1]).toBe(
      'TIMEOUT=10s  Longest request (a duration with unit such as 50ms, 10s, 12h or 7d)',
    )
  })
})
