import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runProgram, withTempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { makeFolders } from './make-folders.ts'

describe('making folders', () => {
  it('makes all that are missing, with the mode asked for, and leaves those that exist', async () => {
    await withTempDir((dir) => {
      mkdirSync(path.join(dir, 'there'), { mode: 0o700 })
      const umask = process.umask(0o077)
      try {
        makeFolders(path.join(dir, 'there/a/b'), 0o750)
      } finally {
        process.umask(umask)
      }
      expect(
        ['there', 'there/a', 'there/a/b'].map((name) => statSync(path.join(dir, name)).mode & 0o777),
      ).toEqual([0o700, 0o750, 0o750])
      makeFolders(path.join(dir, 'there/a/b'), 0o755)
      expect(statSync(path.join(dir, 'there/a/b')).mode & 0o777).toBe(0o750)
    })
  })

  it('goes through links to folders', async () => {
    await withTempDir((dir) => {
      mkdirSync(path.join(dir, 'real'))
      symlinkSync('real', path.join(dir, 'link'))
      makeFolders(path.join(dir, 'link/a'), 0o750)
      expect(existsSync(path.join(dir, 'real/a'))).toBe(true)
    })
  })

  it('says what is in the way', async () => {
    await withTempDir((dir) => {
      writeFileSync(path.join(dir, 'file'), '')
      expect(() => makeFolders(path.join(dir, 'file'), 0o750)).toThrow(/EEXIST/)
      expect(() => makeFolders(path.join(dir, 'file/a/b'), 0o750)).toThrow(/ENOTDIR/)
    })
  })

  // In a child, because the mistake this guards against never returns.
  it.runIf(process.platform === 'linux')('ends where nothing can be made, as below /proc', async () => {
    const program = `import { makeFolders } from '@pixsim7/files'; makeFolders('/proc/nope/a', 0o750)`
    const { code, signal, stderr } = await runProgram(
      process.execPath,
      ['--input-type=module', '-e', program],
      {
        cwd: import.meta.dirname,
      },
    )
    expect({ code, signal }).toEqual({ code: 1, signal: null })
    expect(stderr).toContain('ENOENT')
  })
})
