import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { FilesError, systemCodeOf } from './files-error.ts'
import { MAX_LEVELS_FILE_BYTES, parseLevelRules, type LevelRule } from './level-rules.ts'
import { makeFolders } from './make-folders.ts'
import type { FileModes } from './open-log-file.ts'

/**
 * The rules in a levels file; none when there is no file. Never waits for another process.
 *
 * @throws FilesError FILES_LEVELS_INVALID: all its rules are refused for one mistake; FILES_LEVELS_FAILED: it cannot be read
 */
export function readLevelRules(file: string): readonly LevelRule[] {
  const text = readText(file)
  if (text === undefined) return []
  const parsed = parseLevelRules(text)
  if ('problem' in parsed) throw invalid(file, parsed.problem)
  return parsed.rules
}

/** Undefined when there is no file. A link is followed: configuration is often mounted as one. */
function readText(file: string): string | undefined {
  let fd: number
  try {
    // Without O_NONBLOCK, opening a FIFO that nobody writes to would wait for ever.
    fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw failed(file, 'read', error)
  }
  try {
    if (!fstatSync(fd).isFile()) throw invalid(file, 'it is no regular file')
    const bytes = Buffer.alloc(MAX_LEVELS_FILE_BYTES + 1)
    let length = 0
    for (let got = -1; got !== 0 && length < bytes.length; length += got)
      got = readSync(fd, bytes, length, bytes.length - length, null)
    if (length > MAX_LEVELS_FILE_BYTES)
      throw invalid(file, `it is larger than ${MAX_LEVELS_FILE_BYTES} bytes`)
    return bytes.toString('utf8', 0, length)
  } catch (error) {
    throw error instanceof FilesError ? error : failed(file, 'read', error)
  } finally {
    closeSync(fd)
  }
}

/**
 * Puts rules into the place of those in a levels file, for tools that change levels: whoever reads it finds the old rules or
 * the new ones. All programs that log follow within two seconds.
 *
 * @param modes Of the file and of folders that are missing; default 0o640 and 0o750.
 * @throws FilesError FILES_LEVELS_INVALID, the file is as it was; FILES_LEVELS_FAILED: it cannot be written
 */
export function replaceLevelRules(file: string, rules: readonly LevelRule[], modes: FileModes = {}): void {
  const text = `${JSON.stringify({ version: 1, rules }, null, 2)}\n`
  const parsed = parseLevelRules(text)
  if ('problem' in parsed) throw invalid(file, parsed.problem)
  if (Buffer.byteLength(text) > MAX_LEVELS_FILE_BYTES)
    throw invalid(file, `it would be larger than ${MAX_LEVELS_FILE_BYTES} bytes`)
  const folder = path.dirname(file)
  // With a dot, so that nobody takes it for a log.
  const draft = path.join(folder, `.${path.basename(file)}.${process.pid}.${randomBytes(6).toString('hex')}`)
  try {
    makeFolders(folder, modes.folderMode ?? 0o750)
    writeDraft(draft, text, modes.fileMode ?? 0o640)
    renameSync(draft, file)
  } catch (error) {
    remove(draft)
    throw failed(file, 'written', error)
  }
}

function remove(draft: string): void {
  try {
    rmSync(draft, { force: true })
  } catch {
    // Whatever kept it from being written keeps it from being removed; the first error says more.
  }
}

/** Synced before it is renamed: else a power cut could leave an empty file in the place of the old one. */
function writeDraft(draft: string, text: string, mode: number): void {
  const fd = openSync(draft, 'wx', mode)
  try {
    writeFileSync(fd, text)
    // open subtracts the umask.
    if (process.platform !== 'win32') fchmodSync(fd, mode)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function invalid(file: string, problem: string): FilesError {
  return new FilesError(
    'FILES_LEVELS_INVALID',
    file,
    `The levels file ${file} is not used: ${problem}. Correct it, or remove it to have no rules.`,
  )
}

function failed(file: string, done: 'read' | 'written', error: unknown): FilesError {
  const reason = error instanceof Error ? error.message : String(error)
  return new FilesError(
    'FILES_LEVELS_FAILED',
    file,
    `The levels file ${file} could not be ${done}: ${reason}. Let the user who runs this program do it, or set another path.`,
    error,
  )
}
