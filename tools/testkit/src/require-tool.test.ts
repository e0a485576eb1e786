import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { findTool, requireTool, type SkippableTest } from './require-tool.ts'
import { withTempDir } from './temp-dir.ts'

/** A test's context that notes being skipped, as vitest does by throwing. */
class Skipped extends Error {}
const context: SkippableTest = {
  task: { name: 'a test', file: { name: 'a.test.ts' } },
  skip: (note) => {
    throw new Skipped(note)
  },
}
const MISSING = 'no-such-tool-of-pixsim7'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('findTool', () => {
  it('finds programs on the PATH and in the folders for administrators', async () => {
    await withTempDir((dir) => {
      const program = path.join(dir, 'my-tool')
      vi.stubEnv('PATH', dir)
      writeFileSync(program, '')
      expect(findTool('my-tool')).toBeUndefined()
      chmodSync(program, 0o755)
      expect(findTool('my-tool')).toBe(program)
      mkdirSync(path.join(dir, 'a-folder'))
      expect(findTool('a-folder')).toBeUndefined()
    })
    expect(findTool('constructor')).toBeUndefined()
  })
})

describe('requireTool', () => {
  it('returns the path of what is there', async () => {
    await expect(requireTool(context, 'sh')).resolves.toMatch(/\/sh$/)
  })

  it('skips the test loudly when the tool cannot be had, and fails it with CI=true', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    // An account that may not install anything: the machine of whoever runs this stays as it is.
    vi.spyOn(process, 'getuid').mockReturnValue(65534)
    vi.stubEnv('CI', '')
    await expect(requireTool(context, MISSING)).rejects.toThrow(Skipped)
    expect(stderr.mock.calls.flat().join('')).toContain(`SKIPPED: a.test.ts > a test: needs ${MISSING}`)
    vi.stubEnv('CI', 'true')
    const attempt = requireTool(context, MISSING)
    await expect(attempt).rejects.toThrow('with CI=true no test may be skipped')
    await expect(attempt).rejects.not.toThrow(Skipped)
  })

  it('works with the context of vitest', async (real) => {
    expect(await requireTool(real, 'sh')).toContain('sh')
  })
})
