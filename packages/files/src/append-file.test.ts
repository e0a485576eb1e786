import { mkdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requireTool, runProgram, tempDir, startNode } from '@pixsim7/testkit'
import { AppendFile } from './append-file.ts'
import { FilesError, type FilesWriteError } from './files-error.ts'

const APPEND_LINES = path.join(import.meta.dirname, '../test/append-lines.mjs')

let folder = ''
let log = ''
const opened: AppendFile[] = []

function open(file = log): AppendFile {
  const appendFile = new AppendFile(file)
  opened.push(appendFile)
  return appendFile
}
const content = (file = log) => readFileSync(file, 'utf8')

beforeEach(async () => {
  folder = await tempDir()
  log = path.join(folder, 'backend.log')
})
afterEach(() => {
  for (const file of opened.splice(0)) file.close()
})

describe('AppendFile', () => {
  it('appends what it is given, after what is there', async () => {
    writeFileSync(log, 'old\n')
    const file = open()
    file.writeSync(Buffer.from('one\ntwo\n'))
    await file.write(Buffer.from('drei ü\n'))
    file.writeSync(Buffer.alloc(0))
    await file.write(new Uint8Array(0))
    expect(content()).toBe('old\none\ntwo\ndrei ü\n')
    expect(file.sizeBytes()).toBe(statSync(log).size)
    expect(file.foundTornTail).toBe(false)
  })

  it('writes the bytes of a part of a larger buffer', () => {
    open().writeSync(new TextEncoder().encode('xx one\nyy').subarray(3, 7))
    expect(content()).toBe('one\n')
  })

  it('begins with a newline after a torn tail, once', () => {
    writeFileSync(log, 'whole\n{"torn":')
    const file = open()
    expect(file.foundTornTail).toBe(true)
    expect(content()).toBe('whole\n{"torn":')
    file.writeSync(Buffer.from('one\n'))
    file.writeSync(Buffer.from('two\n'))
    expect(content()).toBe('whole\n{"torn":\none\ntwo\n')
    expect(open().foundTornTail).toBe(false)
  })

  it('closes a line that its own caller left open', async () => {
    const file = open()
    file.writeSync(Buffer.from('half'))
    await file.write(Buffer.from('next\nhalf'))
    file.writeSync(Buffer.from('last\n'))
    expect(content()).toBe('half\nnext\nhalf\nlast\n')
  })

  it('adds no newline where another process has closed the line by now', () => {
    writeFileSync(log, 'torn')
    const file = open()
    writeFileSync(log, '\nother\n', { flag: 'a' })
    file.writeSync(Buffer.from('one\n'))
    expect(content()).toBe('torn\nother\none\n')
  })

  it('writes at the end when the file was cut by others', () => {
    const file = open()
    file.writeSync(Buffer.from('long line\n'))
    truncateSync(log, 0)
    file.writeSync(Buffer.from('next\n'))
    expect(content()).toBe('next\n')
  })

  it('notices that the file was renamed, removed or replaced', () => {
    const file = open()
    expect(file.hasMoved()).toBe(false)
    renameSync(log, `${log}.1`)
    expect(file.hasMoved()).toBe(true)
    writeFileSync(log, '')
    expect(file.hasMoved()).toBe(true)
    file.reopen()
    expect(file.hasMoved()).toBe(false)
    rmSync(log)
    expect(file.hasMoved()).toBe(true)
    rmSync(folder, { recursive: true })
    expect(file.hasMoved()).toBe(true)
  })

  it('goes on in a new file after reopening, the old one kept whole', () => {
    const file = open()
    file.writeSync(Buffer.from('one\n'))
    renameSync(log, `${log}.1`)
    file.writeSync(Buffer.from('two\n'))
    file.reopen()
    file.writeSync(Buffer.from('three\n'))
    expect(content(`${log}.1`)).toBe('one\ntwo\n')
    expect(content()).toBe('three\n')
    expect(statSync(log).mode & 0o777).toBe(0o640)
  })

  it('makes the folder again when it reopens', () => {
    const nested = path.join(folder, 'a/b/backend.log')
    const file = open(nested)
    rmSync(path.join(folder, 'a'), { recursive: true })
    file.reopen()
    file.writeSync(Buffer.from('one\n'))
    expect(content(nested)).toBe('one\n')
  })

  it('stays with the file it has when the path cannot be opened', () => {
    const file = open()
    renameSync(log, `${log}.1`)
    mkdirSync(log)
    expect(() => file.reopen()).toThrow(FilesError)
    file.writeSync(Buffer.from('one\n'))
    expect(content(`${log}.1`)).toBe('one\n')
  })

  it('lets writes under way end in the file they were meant for', async () => {
    const file = open()
    const lines = Buffer.from(`${'x'.repeat(1_000_000)}\n`)
    const before = file.write(lines)
    renameSync(log, `${log}.1`)
    file.reopen()
    const after = file.write(lines)
    file.close()
    await Promise.all([before, after])
    expect(statSync(`${log}.1`).size).toBe(lines.length)
    expect(statSync(log).size).toBe(lines.length)
  })

  it('brings to the disk what was written', async () => {
    const file = open()
    file.writeSync(Buffer.from('one\n'))
    await file.sync()
    await file.sync()
    expect(content()).toBe('one\n')
  })

  it('syncs the folder of a new file, so that its name survives a power cut', async (context) => {
    const strace = await requireTool(context, 'strace')
    const script = `import { AppendFile } from '@pixsim7/files'
      const file = new AppendFile(process.argv[1]); file.writeSync(Buffer.from('one\\n')); await file.sync(); await file.sync(); file.close()`
    const args = [
      '-f',
      '-y',
      '-e',
      'trace=write,fsync,fdatasync',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
      log,
    ]
    const { stderr } = await runProgram(strace, args, { cwd: import.meta.dirname })
    expect(stderr).toContain(`<${log}>, "one\\n", 4`)
    // By their beginnings: what other threads do in between is told before their ends.
    const syncs = (file: string) =>
      stderr.split('\n').filter((line) => /f(?:data)?sync\(/.test(line) && line.includes(`<${file}>`))
    expect(syncs(log)).toHaveLength(2)
    expect(syncs(folder)).toHaveLength(1)
  })

  it('says so when it is used after closing, and closes twice', async () => {
    const file = open()
    file.close()
    file.close()
    expect(file.isClosed).toBe(true)
    const closed = expect.objectContaining({ code: 'FILES_CLOSED', path: log })
    expect(() => file.writeSync(Buffer.from('x\n'))).toThrow(closed)
    expect(() => file.reopen()).toThrow(closed)
    expect(() => file.hasMoved()).toThrow(closed)
    await expect(file.write(Buffer.from('x\n'))).rejects.toThrow(closed)
    await expect(file.sync()).rejects.toThrow(closed)
  })
})

describe('several processes on one file', () => {
  it('neither tear nor lose nor mix lines', async () => {
    const count = 3000
    const writers = ['a', 'b', 'c', 'd']
    const ends = writers.map((writer) => startNode(APPEND_LINES, [log, writer, String(count)]).exit)
    for (const end of await Promise.all(ends)) expect(end).toMatchObject({ code: 0, stderr: '' })

    // A blank line may stand where a process began while another was in the middle of its first write.
    const lines = content()
      .split('\n')
      .filter((line) => line !== '')
    const next = new Map(writers.map((writer) => [writer, 0]))
    for (const line of lines) {
      const [writer = '', number, length, body] = line.split(' ')
      expect(Number(number)).toBe(next.get(writer))
      expect(body).toBe(String(Number(number) % 10).repeat(Number(length)))
      next.set(writer, Number(number) + 1)
    }
    expect([...next.values()]).toStrictEqual(writers.map(() => count))
  })

  it('write each batch by one write(2)', async (context) => {
    const strace = await requireTool(context, 'strace')
    const { stderr } = await runProgram(strace, [
      '-f',
      '-y',
      '-e',
      'trace=write,pwrite64,writev',
      process.execPath,
      APPEND_LINES,
      log,
      'a',
      '100',
    ])
    const writes = stderr.split('\n').filter((line) => line.includes(`<${log}>`))
    const batches = stderr.split('\n').filter((line) => line.includes(`<${log}>, "a `))
    expect(writes.length).toBe(batches.length)
    expect(batches.length).toBeGreaterThan(10)
    expect(content().split('\n')).toHaveLength(101)
  })
})

describe('a file that cannot take everything', () => {
  it('is tried again at once when the system says so, nothing lost or doubled', async (context) => {
    const strace = await requireTool(context, 'strace')
    const args = [
      '-f',
      '-P',
      log,
      '-e',
      'trace=write',
      '-e',
      'inject=write:error=EAGAIN:when=2+2',
      process.execPath,
    ]
    const { code, stderr } = await runProgram(strace, [...args, APPEND_LINES, log, 'a', '100'])
    expect(code).toBe(0)
    expect(stderr).toContain('EAGAIN (Resource temporarily unavailable) (INJECTED)')
    const numbers = content()
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.split(' ')[1]))
    expect(numbers).toStrictEqual(Array.from({ length: 100 }, (_, number) => number))
  })

  /** Opens the log in a process whose files may not grow beyond `limitBytes`, and writes `lines` in one go. */
  async function writeLimited(
    prlimit: string,
    limitBytes: number,
    lines: string,
    method: 'write' | 'writeSync',
  ) {
    // Node ignores SIGXFSZ, so the limit shows as a short write, then EFBIG: what a full disk does, with ENOSPC.
    const script = `
      import { AppendFile } from '@pixsim7/files'
      const file = new AppendFile(process.argv[1])
      try { await file.${method}(Buffer.from(process.argv[2])) }
      catch (error) { console.log(JSON.stringify({ ...error, message: error.message })) }
      const { execFileSync } = await import('node:child_process')
      execFileSync('${prlimit}', ['--pid', String(process.pid), '--fsize=unlimited'])
      await file.${method}(Buffer.from('after\\n'))`
    const args = [
      `--fsize=${limitBytes}:unlimited`,
      process.execPath,
      '--input-type=module',
      '-e',
      script,
      log,
      lines,
    ]
    const result = await runProgram(prlimit, args, { cwd: import.meta.dirname })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    return JSON.parse(result.stdout) as Pick<
      FilesWriteError,
      'code' | 'systemCode' | 'writtenBytes' | 'wholeLineBytes' | 'message'
    >
  }

  it.for(['writeSync', 'write'] as const)(
    'is reported by %s with what got in, and the cut line is closed',
    async (method, context) => {
      const prlimit = await requireTool(context, 'prlimit')
      const error = await writeLimited(prlimit, 10, 'line 1\nline 2\nline 3\n', method)
      expect(error).toMatchObject({
        code: 'FILES_WRITE_FAILED',
        systemCode: 'EFBIG',
        writtenBytes: 10,
        wholeLineBytes: 7,
      })
      expect(error.message).toContain('10 of 21 bytes')
      expect(content()).toBe('line 1\nlin\nafter\n')
    },
  )
})
