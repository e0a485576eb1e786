import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requireTool, runProgram, tempDir } from '@pixsim7/testkit'
import { openLogFile } from './open-log-file.ts'

const TRY_OPEN = path.join(import.meta.dirname, '../test/try-open.mjs')
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups']
const modeOf = (file: string) => statSync(file).mode & 0o7777

let folder = ''
let log = ''
const umask = process.umask()

beforeEach(async () => {
  folder = await tempDir()
  log = path.join(folder, 'backend.log')
})
afterEach(() => void process.umask(umask))

/** Opens and closes a file; what was found out about it. */
function open(file = log, modes = {}) {
  const { fd, ...rest } = openLogFile(file, modes)
  closeSync(fd)
  return rest
}

describe('openLogFile', () => {
  it('makes a file and the folders above it, with their modes under any umask', () => {
    const nested = path.join(folder, 'data/logs/backend.log')
    const mode = modeOf(folder)
    for (const mask of [0o000, 0o077]) {
      process.umask(mask)
      const file = `${nested}${mask}`
      expect(open(path.join(folder, `data${mask}/logs/backend.log`))).toMatchObject({
        isNew: true,
        hasTornTail: false,
      })
      expect(modeOf(path.join(folder, `data${mask}`))).toBe(0o750)
      expect(modeOf(path.join(folder, `data${mask}/logs`))).toBe(0o750)
      expect(modeOf(path.join(folder, `data${mask}/logs/backend.log`))).toBe(0o640)
      expect(existsSync(file)).toBe(false)
    }
    expect(modeOf(folder)).toBe(mode)
  })

  it('takes other modes', () => {
    open(path.join(folder, 'logs/a.log'), { fileMode: 0o604, folderMode: 0o705 })
    expect(modeOf(path.join(folder, 'logs'))).toBe(0o705)
    expect(modeOf(path.join(folder, 'logs/a.log'))).toBe(0o604)
  })

  it('leaves the mode and content of an existing file as they are', () => {
    writeFileSync(log, 'one\n')
    chmodSync(log, 0o644)
    expect(open()).toMatchObject({
      isNew: false,
      hasTornTail: false,
      ino: statSync(log, { bigint: true }).ino,
    })
    expect(modeOf(log)).toBe(0o644)
    expect(readFileSync(log, 'utf8')).toBe('one\n')
  })

  it.each([
    ['', false],
    ['\n', false],
    ['one\n', false],
    ['one', true],
    ['one\ntwo', true],
  ])('tells whether %j ends in the middle of a line', (text, hasTornTail) => {
    writeFileSync(log, text)
    expect(open().hasTornTail).toBe(hasTornTail)
  })

  it('refuses a folder', () => {
    mkdirSync(log)
    expect(() => open()).toThrow(expect.objectContaining({ code: 'FILES_NOT_A_FILE', path: log }))
    expect(() => open()).toThrow(/is a folder, expected a regular file\. Set the path/)
  })

  it('refuses a named pipe at once, whether somebody reads it or not', async (context) => {
    await runProgram(await requireTool(context, 'mkfifo'), [log])
    const { stdout, signal } = await runProgram(process.execPath, [TRY_OPEN, log])
    expect({ stdout, signal }).toMatchObject({
      stdout: expect.stringMatching(/^FILES_NOT_A_FILE .* is a named pipe/) as string,
      signal: null,
    })
  })

  it('refuses a socket and a device', async () => {
    const server = createServer().listen(log)
    await once(server, 'listening')
    expect(() => open()).toThrow(/is a socket/)
    server.close()
    expect(() => open('/dev/null')).toThrow(/is a device/)
  })

  it('refuses a symbolic link, to a file or to nothing, and says where it leads', () => {
    const target = path.join(folder, 'target.log')
    symlinkSync(target, log)
    expect(() => open()).toThrow(expect.objectContaining({ code: 'FILES_IS_A_LINK' }))
    expect(existsSync(target)).toBe(false)
    writeFileSync(target, '')
    expect(() => open()).toThrow(`is a symbolic link to ${target}`)
  })

  it('follows links among the folders above', () => {
    mkdirSync(path.join(folder, 'real'))
    symlinkSync(path.join(folder, 'real'), path.join(folder, 'logs'))
    open(path.join(folder, 'logs/a.log'))
    expect(existsSync(path.join(folder, 'real/a.log'))).toBe(true)
  })

  it('says which folder could not be made', () => {
    writeFileSync(log, '')
    expect(() => open(path.join(log, 'a.log'))).toThrow(
      expect.objectContaining({ code: 'FILES_FOLDER_FAILED', systemCode: 'EEXIST' }),
    )
    expect(() => open(path.join(log, 'b/a.log'))).toThrow(
      expect.objectContaining({ code: 'FILES_FOLDER_FAILED', systemCode: 'ENOTDIR' }),
    )
  })

  it('says that permission is missing, and what to do', async (context) => {
    // Root may write anywhere: another user has to try. As another user than root, modes alone do.
    const isRoot = process.getuid?.() === 0
    const command = isRoot ? await requireTool(context, 'setpriv') : process.execPath
    const args = isRoot ? [...NOBODY, process.execPath, TRY_OPEN] : [TRY_OPEN]
    const tryOpen = async (file: string) => (await runProgram(command, [...args, file])).stdout.trim()

    chmodSync(folder, 0o555)
    expect(await tryOpen(log)).toMatch(/^FILES_OPEN_FAILED EACCES .*permission denied.* Let the user/)
    expect(await tryOpen(path.join(folder, 'a/b.log'))).toMatch(
      /^FILES_FOLDER_FAILED EACCES .* Make it yourself/,
    )
    chmodSync(folder, 0o755)
    writeFileSync(log, '')
    chmodSync(log, 0o444)
    expect(await tryOpen(log)).toMatch(/^FILES_OPEN_FAILED EACCES/)
  })

  it('opens a file that may be written but not read, and closes its last line to be safe', async (context) => {
    writeFileSync(log, 'one')
    chmodSync(log, 0o222)
    chmodSync(folder, 0o755)
    if (process.getuid?.() !== 0) return void expect(open().hasTornTail).toBe(true)
    chownSync(log, 0, 0)
    const setpriv = await requireTool(context, 'setpriv')
    const script =
      "import { openLogFile } from '@pixsim7/files'; console.log(openLogFile(process.argv[1]).hasTornTail)"
    const args = [...NOBODY, process.execPath, '--input-type=module', '-e', script, log]
    expect((await runProgram(setpriv, args, { cwd: import.meta.dirname })).stdout).toBe('true\n')
  })
})
