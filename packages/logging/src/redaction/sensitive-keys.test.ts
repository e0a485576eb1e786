import { describe, expect, it } from 'vitest'
import { judgeKey, KEY_HARMLESS, KEY_SECRET, KEY_SECRET_LINE, KEY_SECRET_TEXTS } from './sensitive-keys.ts'

const listed = (text: string) => text.trim().split(/\s+/)

describe('judgeKey', () => {
  it.each(
    listed(`
      password Password PASSWORD passwd pwd pw user_password userPassword user-password db.password password_hash passwordHash
      newPassword2 password_confirmation passphrase passcode secret secrets clientSecret client_secret SECRET_KEY secretkey
      token access_token accessToken refreshToken id_token csrf_token X-CSRF-Token xsrftoken authToken bearer jwt jwt_token
      api_key apiKey APIKey X-Api-Key apikey api_key_paid stripe_api_key privateKey private_key encryption_key signing_key
      AWS_SECRET_ACCESS_KEY aws_access_key masterKey service_account_key webhook_secret credentials credential
      cvv cvc cvv2 card_number cardNumber creditCard otp totp verification_code mfaCode ssn iban account_number dsn
      connectionString connection_string dbpassword mysecret hashedpasswords
    `),
  )('takes out what is under %s', (key) => {
    expect(judgeKey(key)).toBe(KEY_SECRET)
  })

  it.each(
    listed(
      'authorization Authorization Proxy-Authorization cookie Cookie cookies set-cookie Set-Cookie setCookie',
    ),
  )('takes out the whole header %s', (key) => {
    expect(judgeKey(key)).toBe(KEY_SECRET_LINE)
  })

  it.each(
    listed(`
      tokens max_tokens email user_email emailAddress e_mail phone phoneNumber mobile_number first_name lastName full_name surname
      birth_date dateOfBirth dob street street_address billingAddress postcode zipCode passport passport_number tax_id
      session_id sessionId sid connect.sid PHPSESSID pass auth pin
    `),
  )('takes out texts under %s and keeps numbers', (key) => {
    expect(judgeKey(key)).toBe(KEY_SECRET_TEXTS)
  })

  it.each(
    listed(`
      user_id job_id request_id name username message level duration_ms method path status_code client_ip ip ip_address
      author monkey keyword keyboard className microphone tokenizer tokenCount token_count token_type token_expires_at tokenId
      password_changed_at passwordLength password_policy secretary secret_name has_jwt_expired jwt_expired
      key primary_key primaryKey cache_key sortKey partition_key public_key idempotency_key foreignKey hotkey turkey
      compass bypass passenger passed passing spin spinning shipping opinion pinned pinned_at authority authored
      phonetic emailed_count streetlight filename hostname provider provider_id updated_fields code error_code
      operation_type account_id card_id credits amount address url remote_address x __proto__ constructor
    `),
  )('leaves what is under %s', (key) => {
    expect(judgeKey(key)).toBe(KEY_HARMLESS)
  })

  it('judges very long keys by their end and does not remember them', () => {
    expect(judgeKey(`${'a_'.repeat(5000)}password`)).toBe(KEY_SECRET)
    expect(judgeKey('')).toBe(KEY_HARMLESS)
    expect(judgeKey('日本語')).toBe(KEY_HARMLESS)
  })
})
