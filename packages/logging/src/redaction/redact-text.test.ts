import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prescan } from './prescan.ts'
import { findSecrets, redactText } from './redact-text.ts'
import { Spans } from './spans.ts'

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk'

/** Text, and the part of it that must not be found afterwards. Keys are broken by ~ for scanners of this repository. */
const PLANTED = (
  [
    // Tokens by shape
    [`token is ${JWT}`, JWT],
    [`unsigned eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0. here`, 'eyJzdWIiOiIxIn0'],
    ['jwe eyJhbGciOiJSU0EifQ.abcdefgh.ijklmnop.qrstuvwx.yzABCDEF end', 'ijklmnop'],
    [`sess_${JWT}`, 'eyJzdWIiOiIxIn0'],
    ['sent Bearer abc123DEF.ghi-_~+/==', 'abc123DEF'],
    ['sent bearer aLongTokenWithoutDigits', 'aLongTokenWithoutDigits'],
    ['Authorization: Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
    ['got Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
    [
      'Authorization: Digest username="joe", response="6629fae49393a05397450978507c4ef1"',
      '6629fae49393a05397450978507c4ef1',
    ],
    ['key AK~IAIOSFODNN7EXAMPLE leaked', 'AKIAIOSFODNN7EXAMPLE'],
    ['google AI~zaSyA-1234567890abcdefghijklmnopqrstu', 'zaSyA-1234567890'],
    ['github gh~p_abcdefghijklmnopqrstuvwxyz0123456789', 'p_abcdefgh'],
    ['gitlab gl~pat-abcdefghij0123456789', 'pat-abcdef'],
    ['slack xo~xb-123456789012-abcdefghijkl', 'xb-123456789012'],
    ['stripe sk_~live_abcdefghijklmnop', 'live_abcdef'],
    ['anthropic sk-~ant-api03-abcdefghijklmnopqrst', 'ant-api03'],
    ['openai sk-~proj-abcdefghijklmnopqrst', 'proj-abcdef'],
    ['hugging h~f_abcdefghijklmnopqrstuvwxyzabcdefgh', 'f_abcdef'],
    ['sendgrid S~G.abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789ABCDEF', 'G.abcdef'],
    ['npm np~m_abcdefghijklmnopqrstuvwxyz0123456789', 'm_abcdef'],
    ['age AGE-~SECRET-KEY-1ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF', 'KEY-1ABCDEF'],
    ['vault hv~s.CAESIAbcdefghijklmnopqrstuvw', 's.CAESIAbc'],
    ['pem -----BEGIN RSA PRIVATE KEY-----\nMIIEabcdef\n-----END RSA PRIVATE KEY----- end', 'MIIEabcdef'],
    ['cut pem -----BEGIN PRIVATE KEY-----\nMIIEabcdef', 'MIIEabcdef'],
    // Numbers
    ['card 4111111111111111 declined', '4111111111111111'],
    ['card 4111 1111 1111 1111 12/27', '4111 1111 1111 1111'],
    ['card 5500-0055-5555-5559', '5500-0055-5555-5559'],
    ['amex 3782 822463 10005', '3782 822463 10005'],
    ['amex 378282246310005.', '378282246310005'],
    ['mastercard 2 series 2223003122003222', '2223003122003222'],
    ['diners 30569309025904', '30569309025904'],
    ['from DE89370400440532013000 today', 'DE89370400440532013000'],
    ['from DE89 3704 0044 0532 0130 00 today', '3704 0044 0532'],
    ['iban gb29nwbk60161331926819', 'gb29nwbk60161331926819'],
    ['NL91 ABNA 0417 1643 00', 'ABNA 0417'],
    // Addresses
    ['mail joe.doe+x@example.co.uk failed', 'joe.doe'],
    ['<joe@example.com>', 'joe@example.com'],
    ['/reset?to=joe%40example.com', 'joe%40example'],
    ['jörg@exämple.de wrote', 'jörg'],
    ['postgres://app:s3cret@db:5432/x', 's3cret'],
    ['postgres://app:pa/ss@db:5432/x', 'pa/ss'],
    ['redis://:hunter2@cache/0', 'hunter2'],
    ['https://token@github.com/x', 'token@'],
    ['amqp://u:p@h1,amqp://u:q9q9@h2', 'q9q9'],
    // Keys and values
    ['password=hunter2', 'hunter2'],
    ['password = "correct horse battery"', 'correct horse'],
    ["SET PASSWORD 'x'; password: 'hunter2'", 'hunter2'],
    ['DB_PASSWORD=hunter2 npm start', 'hunter2'],
    ['dbPassword: hunter2, host: db', 'hunter2'],
    ['{"user":"joe","password":"hunter2"}', 'hunter2'],
    ['{\\"password\\":\\"hunter2\\",\\"a\\":1}', 'hunter2'],
    ["{ password: 'hunter2', a: 1 }", 'hunter2'],
    ['{"credentials":{"user":"joe","code":"abc9"}}', 'abc9'],
    ['GET /v1/x?api_key=abc9def&y=1', 'abc9def'],
    ['GET /cb?code=abc9def&state=1', 'abc9def'],
    ['GET /x?sig=abc9%2Fdef&se=2026', 'abc9'],
    ['https://s3/x?X-Amz-Signature=abc9def&X-Amz-Credential=AKIA9', 'abc9def'],
    ['redirect=https%3A%2F%2Fx%2Fcb%3Ftoken%3Dabc9def', 'abc9def'],
    ['user%5Bpassword%5D=hunter2&x=1', 'hunter2'],
    ['user[password]=hunter2', 'hunter2'],
    ['Cookie: sid=abc9; theme=dark', 'abc9'],
    ['Set-Cookie: __Host-sid=abc9def; Path=/; HttpOnly', 'abc9def'],
    ["curl -H 'X-Api-Key: abc9def' https://x", 'abc9def'],
    ["curl -H 'Authorization: token abc9def' https://x", 'abc9def'],
    ['mysql --password hunter2 -u root', 'hunter2'],
    ['tool --api-key=abc9def', 'abc9def'],
    ['Server=db;Database=x;User Id=sa;Password=hunter2;', 'hunter2'],
    ['secret => hunter2', 'hunter2'],
    ['client_secret: abc9def', 'abc9def'],
    ['otp: 123456', '123456'],
    ['cvv=123', '123'],
  ] as const
).map(([text, secret]) => [text.replaceAll(/(?<=[A-Za-z_-])~(?=[A-Za-z])/g, ''), secret] as const)

/** Texts that must come through as they are. */
const HARMLESS: readonly string[] = [
  'Processing job #123',
  'GET /api/v1/jobs/550e8400-e29b-41d4-a716-446655440000 200 in 12 ms',
  'request 12345678-1234-1234-1234-123456789012 done',
  'epoch 1763000000000, 1763000000000000 and 1763000000000000000',
  'at 2025-11-11 22:30:45.123456, 2025-11-11T22:30:45Z',
  'sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'commit 6f17ca3 of 4111 files',
  'id 4111111111111111 and #4111111111111111, video_id=4111111111111111',
  'not luhn 4111111111111112',
  'unknown issuer 9999999999999995',
  'too long 41111111111111111111111',
  'IBAN-like DE00370400440532013000 and XX89370400440532013000',
  'basic authentication and bearer tokens, Basic understanding',
  'token: expired',
  'Invalid token: missing',
  'password: required',
  'tokens: 512, max_tokens=4096',
  'token_type=bearer&expires_in=3600',
  'monkey=banana keyword=x compass: north author: joe tokenizer=bpe',
  'primary_key=id cache_key: jobs:1 sort_key=a',
  'https://medium.com/@user/post and https://host:8080/@scope/pkg',
  'npm install pkg@1.2.3 @scope/name user@host',
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  'client_ip=10.0.0.1 ip: 10.0.0.1',
  'eyJ alone, eyJhbGciOiJIUzI1NiJ9 alone',
  'user_id=1 job_id=123 code=provider_quota state=done',
  'Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1607:16)',
  'has_password: true, password: null',
  'update "user" set "password_hash" = $1, "email" = $12 where "secret" = ?',
]

describe('redactText', () => {
  it.each(PLANTED)('takes the secret out of %j', (text, secret) => {
    const result = redactText(text)
    expect(result).not.toContain(secret)
    expect(result).toContain('[redacted')
  })

  it.each(PLANTED)(
    'finds it also between other words, at the end of a long text and after other scripts: %j',
    (text, secret) => {
      for (const around of [
        `Job failed (${text})`,
        `${'word '.repeat(2000)}${text}`,
        `ошибка 错误 ${text}\nnext`,
      ]) {
        expect(redactText(around)).not.toContain(secret)
      }
    },
  )

  it.each(HARMLESS)('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text)
  })

  it('keeps what is around a secret', () => {
    expect(redactText('postgres://app:s3cret@db:5432/x')).toBe('postgres://[redacted]@db:5432/x')
    expect(redactText('https://ann:hunter2@example.com/?q=bob@example.com')).toBe(
      'https://[redacted]@example.com/?q=[redacted:email]',
    )
    expect(redactText('GET /x?token=abc9&page=2')).toBe('GET /x?token=[redacted]&page=2')
    expect(redactText('{"user":"joe","password":"hunter2","n":1}')).toBe(
      '{"user":"joe","password":"[redacted]","n":1}',
    )
    expect(redactText('card 4111 1111 1111 1111 12/27')).toBe('card [redacted:card] 12/27')
    expect(redactText(`got ${JWT}, retry`)).toBe('got [redacted:jwt], retry')
  })

  it('changes nothing when applied twice', () => {
    for (const [text] of PLANTED) expect(redactText(redactText(text))).toBe(redactText(text))
  })

  it('finds nothing that the quick scan had ruled out', () => {
    const pieces = fc.constantFrom(...PLANTED.flatMap(([text]) => text.split(/(?<=[ =:&;])/)))
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 6 })), { maxLength: 8 }), (parts) => {
        const text = parts.join('')
        if (prescan(text) !== 0) return
        const spans = new Spans()
        findSecrets(text, -1, spans)
        expect({ text, result: spans.apply(text) }).toEqual({ text, result: text })
      }),
      { numRuns: 3000 },
    )
  })

  it('leaves random ids, times and hashes alone, but for fewer than one in a thousand', () => {
    const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))
    const value = fc.oneof(
      fc.uuid(),
      hex(40),
      hex(64),
      fc
        .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
        .map((date) => date.toISOString()),
      fc.integer({ min: 1.5e12, max: 2e12 }).map(String),
      fc.integer({ min: 0, max: 2 ** 31 }).map(String),
      fc.ipV4(),
    )
    const texts = fc.sample(value, { numRuns: 20_000, seed: 7 })
    const changed = texts.filter(
      (text) => redactText(`request ${text} took 12 ms`) !== `request ${text} took 12 ms`,
    )
    expect(changed.length).toBeLessThan(20)
  })
})

describe('time on hostile texts', () => {
  const HOSTILE = [
    'eyJ',
    'a',
    '@',
    'a@',
    'a.@',
    '=',
    'password',
    'password=',
    'password:"',
    '"password":{',
    ':',
    '://',
    'https://a:b',
    '4111 ',
    '4',
    '-',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    'DE89',
    'DE89 ',
    'Bearer ',
    'basic a',
    'sk-',
    'SG.',
    'gh',
    'AKIA',
    '%3D',
    '%40',
    '\\',
    '\\"',
    'token\\":\\"',
    '--password ',
    'a-',
    '{',
    '[redacted',
    'AAAAAAAAAAAAAA.atlasv1.',
    'AAA8Q~',
    '12345678:AA',
    'xn--',
    'a%',
  ]

  it.each(HOSTILE)('%j repeated to the longest text that is searched takes no time to speak of', (piece) => {
    const text = piece.repeat(Math.ceil((256 * 1024) / piece.length))
    const start = performance.now()
    redactText(text)
    // Some ten milliseconds in fact. A search of quadratic time would need many seconds, one that doubles for ever.
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
