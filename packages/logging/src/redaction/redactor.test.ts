import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../core/limits.ts'
import { encodeFieldsOf } from '../core/encoded-fields.ts'
import { ValueEncoder } from '../core/value-encoder.ts'
import { Redactor, type RedactionOptions } from './redactor.ts'

/** The fields as they get into a line, read back. */
function logged(fields: object, options?: RedactionOptions): unknown {
  const encoder = new ValueEncoder(new Redactor(options), DEFAULT_LIMITS)
  return JSON.parse(`{${encodeFieldsOf(fields, encoder, DEFAULT_LIMITS.maxKeys, new Set()).json}}`)
}

describe('built-in rules over fields', () => {
  it('takes secrets out at any depth, from any kind of collection', () => {
    const secret = 'hunter2-planted'
    class Account {
      password = secret
      toJSON() {
        return { ...this, api_key: secret }
      }
    }
    const planted: Record<string, unknown> = {
      password: secret,
      a: { b: { c: { d: { token: secret } } } },
      list: [{ secret }, [{ passwd: secret }]],
      map: new Map<string, unknown>([
        ['pwd', secret],
        ['in', { cookie: secret }],
      ]),
      pairs: new Map<unknown, unknown>([[{ password: secret }, [{ password: secret }]]]),
      set: new Set([{ password: secret }]),
      account: new Account(),
      headers: new Headers({ Authorization: `Bearer ${secret}`, 'X-Api-Key': secret }),
      query: new URLSearchParams({ access_token: secret, page: '2' }),
      url: new URL(`https://joe:${secret}@example.com/?token=${secret}`),
      rawHeaders: ['Host', 'x', 'Authorization', secret, 'Cookie', secret],
      argv: ['node', 'x.js', '--db-password', secret, '-v'],
      secrets: { a: { b: [secret] } },
      tokens: { access: secret, used: 512 },
      text: JSON.stringify({ user: 1, password: secret }),
      [`Bearer ${secret}`]: 1,
      error: new Error(`login with password=${secret} failed`),
      symbol: Symbol(`token=${secret}`),
    }
    expect(JSON.stringify(logged(planted))).not.toContain(secret)
  })

  it('keeps ids, counts, flags and times under innocent and telling keys', () => {
    const fields = {
      user_id: 1,
      job_id: 4111111111111111,
      jobIds: [4111111111111111, '4111111111111111'],
      created_at: 1763000000000,
      has_password: true,
      token: null,
      password: '',
      max_tokens: 4096,
      tokens: 512,
      session_id: 17,
      client_ip: '10.0.0.1',
      provider_id: 'pixverse',
    }
    expect(logged(fields)).toEqual(fields)
  })

  it('recognises card numbers that are numbers', () => {
    expect(logged({ value: 4111111111111111, paid: 4111111111111111n, format: 4111111111111112 })).toEqual({
      value: '[redacted]',
      paid: '[redacted]',
      format: 4111111111111112,
    })
  })
})

describe('own rules', () => {
  it('by key, whatever its case and separators, and by pattern', () => {
    expect(
      logged(
        { internalNote: 'x', a: { INTERNAL_NOTE: 'y', pii_name: 'z', name: 'n' } },
        { keys: ['internal-note', /^pii_/g] },
      ),
    ).toEqual({
      internalNote: '[redacted]',
      a: { INTERNAL_NOTE: '[redacted]', pii_name: '[redacted]', name: 'n' },
    })
  })

  it('by key also inside texts', () => {
    expect(new Redactor({ keys: ['internal_note'] }).text('internalNote=abc other=def')).toBe(
      'internalNote=[redacted] other=def',
    )
  })

  it('by path with a wildcard', () => {
    expect(
      logged(
        {
          user: { profile: { name: 'joe' }, name: 'kept' },
          items: [1],
          list: { a: { note: 'x' }, b: { note: 'y', n: 1 } },
        },
        { paths: ['user.profile.name', 'list.*.note', 'items'] },
      ),
    ).toEqual({
      user: { profile: { name: '[redacted]' }, name: 'kept' },
      items: '[redacted]',
      list: { a: { note: '[redacted]' }, b: { note: '[redacted]', n: 1 } },
    })
  })

  it('by path through arrays', () => {
    expect(logged({ items: [{ note: 'x' }, { note: 'y', n: 1 }] }, { paths: ['items.*.note'] })).toEqual({
      items: [{ note: '[redacted]' }, { note: '[redacted]', n: 1 }],
    })
  })

  it('by pattern, under its name', () => {
    expect(
      logged({ text: 'see CASE-123 and CASE-9' }, { patterns: [{ name: 'case', pattern: /CASE-\d+/ }] }),
    ).toEqual({
      text: 'see [redacted:case] and [redacted:case]',
    })
  })

  it('by function, which is told the path', () => {
    const seen: string[] = []
    const result = logged(
      { a: { b: 'text' } },
      {
        functions: [
          (text, path) => {
            seen.push(path.join('.'))
            return text.toUpperCase()
          },
        ],
      },
    )
    expect(result).toEqual({ a: { b: 'TEXT' } })
    expect(seen).toContain('a.b')
  })

  it('lets keys through that are allowed, but still searches their values', () => {
    expect(logged({ email: 'a@example.com', phone: '123' }, { allowKeys: ['email', 'phone'] })).toEqual({
      email: '[redacted:email]',
      phone: '123',
    })
  })

  it('takes out client_ip when told to', () => {
    expect(logged({ client_ip: '10.0.0.1', remoteAddress: '::1', ip: 'x' }, { clientIp: 'redact' })).toEqual({
      client_ip: '[redacted]',
      remoteAddress: '[redacted]',
      ip: '[redacted]',
    })
  })

  it('can be switched off', () => {
    expect(logged({ password: 'x', mail: 'a@example.com' }, { isEnabled: false })).toEqual({
      password: 'x',
      mail: 'a@example.com',
    })
  })
})

describe('when a rule fails', () => {
  it('shows nothing of the value', () => {
    const failing: RedactionOptions = {
      functions: [
        () => {
          throw new Error('broken rule')
        },
      ],
    }
    expect(logged({ text: 'raw', n: 1 }, failing)).toEqual({ text: '[redacted:error]', n: 1 })
    const wrong = { functions: [() => 5 as unknown as string] }
    expect(logged({ text: 'raw' }, wrong)).toEqual({ text: '[redacted:error]' })
  })
})

describe('counting', () => {
  it('counts what was taken out', () => {
    const redactor = new Redactor()
    const encoder = new ValueEncoder(redactor, DEFAULT_LIMITS)
    encodeFieldsOf({ password: 'x', a: 'a@example.com b@example.com', b: 1 }, encoder, 10, new Set())
    expect(redactor.redactedCount).toBe(3)
  })
})
