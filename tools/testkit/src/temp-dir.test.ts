import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir, withTempDir } from './temp-dir.ts'

describe('withTempDir', () => {
  it('gives an empty folder, and removes it with all that is in it', async () => {
    const dir = await withTempDir((dir) => {
      mkdirSync(path.join(dir, 'a/b'), { recursive: true })
      writeFileSync(path.join(dir, 'a/b/c'), 'x')
      return dir
    })
    expect(existsSync(dir)).toBe(false)
  })

  it('removes it too when its user throws', async () => {
    let seen = ''
    const attempt = withTempDir((dir) => {
      seen = dir
      expect(existsSync(dir)).toBe(true)
      throw new Error('on purpose')
    })
    await expect(attempt).rejects.toThrow('on purpose')
    expect(existsSync(seen)).toBe(false)
  })
})

describe('tempDir', () => {
  let ofTest = ''
  let ofFile = ''

  it('gives a folder', async () => {
    ofTest = await tempDir()
    ofFile = await tempDir('file')
    expect(existsSync(ofTest)).toBe(true)
  })

  it('has removed the folder of the test before, not that of the file', () => {
    expect(ofTest).not.toBe('')
    expect(existsSync(ofTest)).toBe(false)
    expect(existsSync(ofFile)).toBe(true)
  })
})
