import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { listFiles, matchesPattern, parsePattern } from './glob.ts'

async function tree(files: readonly string[]): Promise<string> {
  const dir = await tempDir()
  for (const file of files) {
    await mkdir(path.dirname(path.join(dir, file)), { recursive: true })
    await writeFile(path.join(dir, file), 'x')
  }
  return dir
}

async function list(dir: string, ...patterns: string[]): Promise<string[]> {
  const listing = await listFiles(patterns.map((pattern) => parsePattern(path.join(dir, pattern))))
  return listing.files.map((file) => path.relative(dir, file.path)).sort()
}

describe('listFiles', () => {
  it('finds what the pattern matches, but no dot-files', async () => {
    const dir = await tree(['a.log', 'a.log.1', 'b.txt', '.a.log', 'sub/c.log'])
    expect(await list(dir, '*.log*')).toEqual(['a.log', 'a.log.1'])
    expect(await list(dir, '?.txt')).toEqual(['b.txt'])
    expect(await list(dir, '.a.log')).toEqual(['.a.log'])
  })

  it('enters folders with ** and with wildcards, none that begins with a dot', async () => {
    const dir = await tree(['a.log', 'x/b.log', 'x/y/c.log', '.git/d.log'])
    expect(await list(dir, '**/*.log')).toEqual(['a.log', 'x/b.log', 'x/y/c.log'])
    expect(await list(dir, '*/*.log')).toEqual(['x/b.log'])
  })

  it('takes names as they are', async () => {
    const dir = await tree(["it's a [log] (1)+.log", 'line\nbreak.log', 'a.log'])
    expect(await list(dir, "it's a [log] (1)+.l*")).toEqual(["it's a [log] (1)+.log"])
    expect(await list(dir, 'line*')).toEqual(['line\nbreak.log'])
  })

  it('lists a file once that several patterns match', async () => {
    const dir = await tree(['a.log'])
    expect(await list(dir, '*.log', 'a*', 'a.log')).toEqual(['a.log'])
  })

  it('follows links only inside the folder, or where they are named', async () => {
    const outside = await tree(['secret.log'])
    const dir = await tree(['real.log'])
    await symlink(path.join(dir, 'real.log'), path.join(dir, 'inside.log'))
    await symlink(path.join(outside, 'secret.log'), path.join(dir, 'outside.log'))
    await symlink(path.join(dir, 'gone'), path.join(dir, 'dangling.log'))
    await symlink(path.join(dir, 'loop.log'), path.join(dir, 'loop.log'))
    await symlink(outside, path.join(dir, 'folder'))
    expect(await list(dir, '*.log')).toEqual(['inside.log', 'real.log'])
    expect(await list(dir, '**/*.log')).toEqual(['inside.log', 'real.log'])
    expect(await list(dir, 'outside.log')).toEqual(['outside.log'])
  })

  it('finds nothing in a folder that is not there, and no folders or pipes', async () => {
    const dir = await tree(['d.log/inner'])
    expect(await list(dir, '*.log')).toEqual([])
    expect(await list(dir, 'missing/*.log')).toEqual([])
  })
})

describe('matchesPattern', () => {
  it.each([
    ['/var/log/*.log', '/var/log/a.log', true],
    ['/var/log/*.log', '/var/log/x/a.log', false],
    ['/var/**/*.log', '/var/a/b/c.log', true],
    ['/var/**/*.log', '/etc/c.log', false],
    ['/var/log/a.log', '/var/log/a.log', true],
    ['/var/log/*', '/var/log/.hidden', false],
  ])('%s and %s: %s', (pattern, file, isMatch) => {
    expect(matchesPattern(parsePattern(pattern), file)).toBe(isMatch)
  })
})
