import { describe, expect, it } from 'vitest'
import { lineText } from './line-text.ts'

describe('lineText', () => {
  it('decodes UTF-8', () => {
    expect(lineText(Buffer.from('größe 日本 🎉'), false)).toEqual({ text: 'größe 日本 🎉', isValid: true })
  })

  it.each([
    ['a Latin-1 letter', Buffer.from('gr\xf6\xdfe', 'latin1'), 'gr\\xf6\\xdfe'],
    ['an overlong form', Buffer.from([0x61, 0xc0, 0xaf, 0x62]), 'a\\xc0\\xafb'],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80]), '\\xed\\xa0\\x80'],
    ['a sequence without end', Buffer.from([0x61, 0xe2, 0x82]), 'a\\xe2\\x82'],
    [
      'good letters around a bad byte',
      Buffer.concat([Buffer.from('ü'), Buffer.from([0xff]), Buffer.from('日')]),
      'ü\\xff日',
    ],
  ])('keeps %s visible', (_, bytes, text) => {
    expect(lineText(bytes, false)).toEqual({ text, isValid: false })
  })

  it('drops the half of a character that the limit has cut', () => {
    const bytes = Buffer.from('日本').subarray(0, 5)
    expect(lineText(bytes, true)).toEqual({ text: '日', isValid: true })
    expect(lineText(bytes, false).isValid).toBe(false)
  })
})
