import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { requireTool, runProgram, tempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { FilesError } from './files-error.ts'
import type { LevelRule } from './level-rules.ts'
import { readLevelRules, replaceLevelRules } from './levels-file.ts'

const RULES: LevelRule[] = [
  { id: 'r1', logger: 'x', level: 'DEBUG', expires_at: '2026-11-26T12:00:00Z', by: 'admin' },
]

function codeOf(fn: () => unknown): string {
  try {
    fn()
  } catch (error) {
    expect(error).toBeInstanceOf(FilesError)
    return (error as FilesError).code
  }
  return 'nothing thrown'
}

describe('a levels file', () => {
  it('comes back as it was written, in folders made for it, and leaves nothing else', async () => {
    const file = path.join(await tempDir(), 'data', 'logs', 'levels.json')
    expect(readLevelRules(file)).toEqual([])
    replaceLevelRules(file, RULES)
    expect(readLevelRules(file)).toEqual(RULES)
    const inode = statSync(file).ino
    replaceLevelRules(file, [])
    expect(readLevelRules(file)).toEqual([])
    expect(statSync(file).ino).not.toBe(inode)
    expect(readdirSync(path.dirname(file))).toEqual(['levels.json'])
    expect((statSync(file).mode & 0o777).toString(8)).toBe('640')
  })

  it('stays as it is when the new rules have a mistake or there is no way to write them', async () => {
    const folder = await tempDir()
    const file = path.join(folder, 'levels.json')
    replaceLevelRules(file, RULES)
    const before = readFileSync(file, 'utf8')
    expect(codeOf(() => replaceLevelRules(file, [...RULES, ...RULES]))).toBe('FILES_LEVELS_INVALID')
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(codeOf(() => replaceLevelRules(path.join(file, 'levels.json'), RULES))).toBe('FILES_LEVELS_FAILED')
    mkdirSync(path.join(folder, 'taken.json'))
    expect(codeOf(() => replaceLevelRules(path.join(folder, 'taken.json'), RULES))).toBe(
      'FILES_LEVELS_FAILED',
    )
    expect(readdirSync(folder).sort()).toEqual(['levels.json', 'taken.json'])
  })

  it('is read through a link, as mounted configuration is', async () => {
    const folder = await tempDir()
    replaceLevelRules(path.join(folder, 'real.json'), RULES)
    symlinkSync('real.json', path.join(folder, 'levels.json'))
    expect(readLevelRules(path.join(folder, 'levels.json'))).toEqual(RULES)
  })

  it('is refused when it is too large, a folder, a device or a FIFO, without waiting', async (context) => {
    const folder = await tempDir()
    const file = path.join(folder, 'levels.json')
    writeFileSync(file, ' '.repeat(64 * 1024 + 1))
    expect(codeOf(() => readLevelRules(file))).toBe('FILES_LEVELS_INVALID')
    expect(codeOf(() => readLevelRules(folder))).toBe('FILES_LEVELS_INVALID')
    if (existsSync('/dev/zero'))
      expect(codeOf(() => readLevelRules('/dev/zero'))).toBe('FILES_LEVELS_INVALID')
    const fifo = path.join(folder, 'fifo')
    await runProgram(await requireTool(context, 'mkfifo'), [fifo])
    expect(codeOf(() => readLevelRules(fifo))).toBe('FILES_LEVELS_INVALID')
  })
})
