import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFolder, checkLogFile } from './check-folder.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'check folder '))
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

describe('checking a folder', () => {
  it('accepts a missing one below a writable one, and leaves nothing behind', () => {
    expect(checkFolder(path.join(root, 'a', 'b'))).toBeUndefined()
    expect(checkFolder(root)).toBeUndefined()
    expect(readdirSync(root)).toEqual([])
  })

  it('reports a file in its place', () => {
    writeFileSync(path.join(root, 'data'), '')
    expect(checkFolder(path.join(root, 'data'))).toMatch(
      /Cannot write into .*data: a file stands where a folder/,
    )
    expect(checkFolder(path.join(root, 'data', 'logs'))).toMatch(/a file stands where a folder/)
  })

  // /proc refuses new files even to root.
  it.runIf(process.platform === 'linux')('reports one that cannot be written', () => {
    expect(checkFolder('/proc/self')).toMatch(/^Cannot write into \/proc\/self: /)
  })
})

describe('checking a log file', () => {
  it('accepts a missing and a writable one', () => {
    writeFileSync(path.join(root, 'a.log'), '')
    expect(checkLogFile(path.join(root, 'a.log'))).toBeUndefined()
    expect(checkLogFile(path.join(root, 'b.log'))).toBeUndefined()
  })

  it('reports a folder of that name', () => {
    mkdirSync(path.join(root, 'a.log'))
    expect(checkLogFile(path.join(root, 'a.log'))).toContain('is a folder')
  })
})
