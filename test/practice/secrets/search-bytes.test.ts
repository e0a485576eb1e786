import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { tempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { plantShape, plantText } from './plants.ts'
import { ByteSearch } from './search-bytes.ts'

const SECRET = 'Geheim "Wort" /+ä?&7'
const search = new ByteSearch([{ name: 'it', value: SECRET }])

describe('the search for secrets', () => {
  it.each([
    ['plain', SECRET],
    ['plain', SECRET.toLowerCase()],
    ['url', `?x=${encodeURIComponent(SECRET)}&y`],
    ['json', JSON.stringify({ a: SECRET })],
    ['json in json', JSON.stringify({ a: JSON.stringify({ b: SECRET }) })],
    ['base64', Buffer.from(SECRET).toString('base64')],
    ['base64', Buffer.from(`x${SECRET}`).toString('base64')],
    ['base64', Buffer.from(`xy${SECRET}`).toString('base64url')],
    ['hex', Buffer.from(SECRET).toString('hex').toUpperCase()],
  ])('finds the form %s in %j', (form, text) => {
    expect(search.findInText(`before ${text} after`, 'here')).toContainEqual({
      name: 'it',
      form,
      place: 'here',
    })
  })

  it('finds nothing in other words', () => {
    expect(search.findInText(SECRET.slice(1) + SECRET.slice(0, -1), 'here')).toEqual([])
  })

  it('looks into every file below a folder, at its name, and into archives', async () => {
    const folder = await tempDir()
    mkdirSync(path.join(folder, 'a/b'), { recursive: true })
    const jwt = plantShape('a file name', 'jwt')
    writeFileSync(path.join(folder, 'a/b/plain'), Buffer.concat([Buffer.alloc(9), Buffer.from(SECRET)]))
    writeFileSync(path.join(folder, 'a/packed.gz'), gzipSync(`${SECRET}\n`.repeat(20)))
    writeFileSync(path.join(folder, `a/${jwt}`), '')
    const both = new ByteSearch([{ name: 'it', value: SECRET }, { name: 'jwt', value: jwt }]) // prettier-ignore
    expect(new Set(both.findInFolder(folder).map(({ place }) => place))).toEqual(
      new Set(['a/b/plain', 'a/packed.gz (unpacked)', `the name a/${jwt}`]),
    )
  })
})

describe('the planted secrets', () => {
  it('are different for each input, and of shapes that somebody else would recognise', () => {
    expect(plantText('one')).not.toBe(plantText('another'))
    expect(plantShape('x', 'card')).toMatch(/^4\d{15}$/)
    expect(plantShape('x', 'iban')).toMatch(/^DE\d{20}$/)
  })
})
