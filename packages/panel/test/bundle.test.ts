/** What the build made of the panel: its size, and that a strict content security policy can be kept. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

const DIST = path.join(import.meta.dirname, '../dist')
const assets = readdirSync(path.join(DIST, 'assets'))
const page = readFileSync(path.join(DIST, 'index.html'), 'utf8')

function gzipBytes(ending: string): number {
  return assets
    .filter((name) => name.endsWith(ending))
    .reduce(
      (sum, name) => sum + gzipSync(readFileSync(path.join(DIST, 'assets', name)), { level: 9 }).length,
      0,
    )
}

it('loads at most 60 KB of script and 15 KB of style, compressed', () => {
  expect(gzipBytes('.js')).toBeGreaterThan(5000)
  expect(gzipBytes('.js')).toBeLessThanOrEqual(60 * 1024)
  expect(gzipBytes('.css')).toBeLessThanOrEqual(15 * 1024)
})

it('has the hash of its content in the name of every asset, and no asset of an earlier build', () => {
  expect(assets.filter((name) => !/-[\w-]{8}\.(js|css)$/.test(name))).toEqual([])
  expect(assets.filter((name) => !page.includes(`/assets/${name}`))).toEqual([])
})

it('has no inline script or style and asks no other host for anything', () => {
  expect(page).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\bon\w+=/i)
  const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1] ?? '')
  expect(addresses.length).toBeGreaterThan(2)
  expect(addresses.filter((address) => !address.startsWith('/') || address.startsWith('//'))).toEqual([])
  for (const name of assets) {
    const text = readFileSync(path.join(DIST, 'assets', name), 'utf8')
    // Names of XML namespaces look like addresses; nothing is fetched from them.
    expect(text.match(/https?:\/\/(?!www\.w3\.org\/)[\w.]+/g) ?? [], name).toEqual([])
    expect(text, name).not.toMatch(/\beval\(|new Function\(|sourceMappingURL/)
  }
})
