import type { Spans } from './spans.ts'

/** Shortest segment of a JWT; the shortest real header has 17 characters, a payload `{}` has 3. */
const MIN_JWT_HEADER = 10
const MIN_JWT_PAYLOAD = 3

function isBase64Url(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 45 ||
    code === 95
  )
}

/**
 * JSON Web Tokens: segments of base64url, the first beginning with `eyJ` (`{"`), signed or not, encrypted ones too. Read by
 * hand: a pattern with two repetitions would need quadratic time on `eyJeyJeyJ…`.
 */
export function findJwts(text: string, spans: Spans): void {
  let start = text.indexOf('eyJ')
  while (start !== -1) {
    let end = endOfSegment(text, start)
    const headerLength = end - start
    let segments = 1
    let payloadLength = 0
    while (segments < 5 && text[end] === '.' && end > start) {
      const next = endOfSegment(text, end + 1)
      if (segments === 1) payloadLength = next - end - 1
      if (segments > 1 && next === end + 1 && segments > 2) break
      segments++
      end = next
    }
    if (segments > 1 && headerLength >= MIN_JWT_HEADER && payloadLength >= MIN_JWT_PAYLOAD)
      spans.add(start, end, 'jwt')
    start = text.indexOf('eyJ', end)
  }
}

function endOfSegment(text: string, from: number): number {
  let end = from
  while (end < text.length && isBase64Url(text.charCodeAt(end))) end++
  return end
}

/**
 * Keys that say by their beginning what they are. Each is a literal followed by one repetition without anything
 * required after it, so each is linear. Example keys from documentation match as well.
 */
const API_KEYS = new RegExp(
  [
    '(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AIPA|ANPA|ANVA|APKA)[A-Z0-9]{16}', // Amazon
    'AIza[A-Za-z0-9_-]{30,}', // Google
    'GOCSPX-[A-Za-z0-9_-]{20,}',
    'ya29\\.[A-Za-z0-9_.-]{20,}',
    'gh[pousr]_[A-Za-z0-9]{30,}', // GitHub
    'github_pat_[A-Za-z0-9_]{22,}',
    'gl(?:pat|dt|rt|cbt|ptt|ft|soat|oas|agent)-[A-Za-z0-9_-]{20,}', // GitLab
    'xox[abeoprs]-[A-Za-z0-9-]{10,}', // Slack
    'xapp-\\d-[A-Za-z0-9-]{10,}',
    '(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}', // Stripe
    'whsec_[A-Za-z0-9+/=_-]{16,}',
    'sk-(?:ant|proj|svcacct|or|admin)-[A-Za-z0-9_-]{16,}', // Anthropic, OpenAI, OpenRouter
    'sk-[A-Za-z0-9]{20,}',
    'hf_[A-Za-z0-9]{30,}', // Hugging Face
    'api_org_[A-Za-z0-9]{30,}',
    'r8_[A-Za-z0-9]{30,}', // Replicate
    'npm_[A-Za-z0-9]{30,}',
    'pypi-[A-Za-z0-9_-]{50,}',
    'SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}', // SendGrid
    'key-[0-9a-f]{32}', // Mailgun
    'pubkey-[0-9a-f]{32}',
    'hv[sbr]\\.[A-Za-z0-9_-]{20,}', // HashiCorp Vault
    '[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,}', // HashiCorp Terraform
    'AT(?:ATT3|BB|CTT3)[A-Za-z0-9_=-]{20,}', // Atlassian
    'HRKU-[A-Za-z0-9_-]{30,}', // Heroku
    'ops_eyJ[A-Za-z0-9+/=_-]{100,}', // 1Password
    'A3-[A-Z0-9]{6}-[A-Z0-9]{6}-[A-Z0-9-]{17,}',
    'AGE-SECRET-KEY-1[A-Z0-9]{40,}', // age
    'gl(?:c|sa)_[A-Za-z0-9+/=_-]{30,}', // Grafana
    '(?:ntn|secret)_[A-Za-z0-9]{40,}', // Notion
    'dop_v1_[a-f0-9]{60,}', // DigitalOcean
    'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}', // Shopify
    'dapi[a-f0-9]{32}', // Databricks
    'lin_api_[A-Za-z0-9]{32,}', // Linear
    'PMAK-[a-f0-9]{24}-[a-f0-9]{34}', // Postman
    '[a-zA-Z0-9]{3}8Q~[A-Za-z0-9_~.-]{31,34}', // Azure AD
    '\\d{8,10}:AA[A-Za-z0-9_-]{33}', // Telegram
  ]
    .map((pattern) => `(?:${pattern})`)
    .join('|'),
  'g',
)

/** Keys of clouds and services that can be told by their prefix. */
export function findApiKeys(text: string, spans: Spans): void {
  API_KEYS.lastIndex = 0
  for (let match = API_KEYS.exec(text); match !== null; match = API_KEYS.exec(text)) {
    spans.add(match.index, match.index + match[0].length, 'api_key')
  }
}

const SCHEMES = /\b(bearer|basic)[ \t]{1,4}(["']?)([A-Za-z0-9._~+/=-]{6,})/gi
const LONGEST_PROSE_WORD = 15

/**
 * The credentials after `Bearer` and `Basic`, wherever they stand. Prose such as "basic authentication" is kept: what
 * follows has to look like no word, or to be longer than one.
 */
export function findCredentials(text: string, spans: Spans): void {
  SCHEMES.lastIndex = 0
  for (let match = SCHEMES.exec(text); match !== null; match = SCHEMES.exec(text)) {
    const value = match[3] ?? ''
    const end = match.index + match[0].length
    if (value.length > LONGEST_PROSE_WORD || !/^[A-Za-z]?[a-z-]*[.=]?$/.test(value))
      spans.add(end - value.length, end, 'credentials')
  }
}

/** Private keys in PEM blocks; a block without end is taken out to the end of the text. Certificates and public keys stay. */
export function findPrivateKeys(text: string, spans: Spans): void {
  let start = text.indexOf('-----BEGIN ')
  while (start !== -1) {
    const label = text.slice(start + 11, start + 75)
    if (!/^[A-Z0-9 ]*PRIVATE KEY/.test(label)) {
      start = text.indexOf('-----BEGIN ', start + 11)
      continue
    }
    const endLine = text.indexOf('-----END ', start)
    const close = endLine === -1 ? -1 : text.indexOf('-----', endLine + 9)
    const end = close === -1 ? text.length : close + 5
    spans.add(start, end, 'private_key')
    start = text.indexOf('-----BEGIN ', end)
  }
}
