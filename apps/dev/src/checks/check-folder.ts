/** Checks that files can be created in a folder. */
import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a file stands where a folder is needed',
  EEXIST: 'a file stands where a folder is needed',
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return REASONS[code ?? ''] ?? message
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(path.dirname(folder))
}

/**
 * What is wrong with `folder`; undefined when files can be written there, or in the nearest folder above it that exists. It
 * is not created: that is done by the programs, each with the mode it wants.
 */
export function checkFolder(folder: string): string | undefined {
  const probe = path.join(nearestExisting(folder), `.writable-${process.pid}`)
  try {
    writeFileSync(probe, 'x')
    return undefined
  } catch (error) {
    return `Cannot write into ${path.dirname(probe)}: ${reasonOf(error)}. Make it writable for you, or move it away to begin anew.`
  } finally {
    removeProbe(probe)
  }
}

function removeProbe(probe: string): void {
  try {
    rmSync(probe, { force: true })
  } catch {
    // It could not be written either; the message says so.
  }
}

/** What is wrong with an existing log file; undefined when it can be appended to, or does not exist yet. */
export function checkLogFile(file: string): string | undefined {
  if (!existsSync(file)) return undefined
  try {
    accessSync(file, constants.W_OK)
  } catch (error) {
    return `Cannot write the log file ${file}: ${reasonOf(error)}. Was it made by another user, root perhaps? Give it to yourself or move it away.`
  }
  return statSync(file).isDirectory()
    ? `${file} is a folder, but a log file is to have that name.`
    : undefined
}
