import { lstat, readdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { lookUp, type PhysicalFile } from './physical-file.ts'

/** More files than this are not followed: a pattern that matches them was not meant so. */
const MAX_FILES = 10_000
const MAX_FOLDER_DEPTH = 16

/** A pattern of absolute paths, with `*` and `?` inside names and `**` for any number of folders. */
export interface PathPattern {
  /** The folder before the first wildcard. */
  readonly root: string
  /** Names below it: literal, a pattern, or `**`. */
  readonly segments: readonly (string | RegExp)[]
}

/** The pattern must be absolute. */
export function parsePattern(pattern: string): PathPattern {
  const names = pattern.split(path.sep)
  const first = names.findIndex((name, index) => /[*?]/.test(name) || index === names.length - 1)
  return {
    root: names.slice(0, first).join(path.sep) || path.sep,
    segments: names
      .slice(first)
      .map((name) => (name === '**' || !/[*?]/.test(name) ? name : nameRegExp(name))),
  }
}

/** Whether an absolute path is matched, without looking at the disk. */
export function matchesPattern(pattern: PathPattern, file: string): boolean {
  const below = path.relative(pattern.root, file)
  if (below.startsWith('..') || path.isAbsolute(below)) return false
  return matchesNames(pattern.segments, below.split(path.sep))
}

function matchesNames(segments: PathPattern['segments'], names: readonly string[]): boolean {
  const [segment, ...rest] = segments
  if (segment === undefined) return names.length === 0
  if (segment === '**') return names.some((_, index) => matchesNames(rest, names.slice(index)))
  const [name, ...others] = names
  return name !== undefined && matchesName(segment, name) && matchesNames(rest, others)
}

function matchesName(segment: string | RegExp, name: string): boolean {
  return typeof segment === 'string' ? segment === name : segment.test(name)
}

/** As in a shell, `*` does not match a dot at the beginning. */
function nameRegExp(name: string): RegExp {
  const source = name
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.')
  return new RegExp(`^(?!\\.)${source}$`, 's')
}

/** What a look at the disk found. */
export interface Listing {
  readonly files: readonly PhysicalFile[]
  /** Folders in which files may appear. */
  readonly folders: ReadonlySet<string>
  /** What could not be looked at, and why. */
  readonly problems: ReadonlyMap<string, string>
}

/**
 * The regular files that match, each once. Links are followed where they are named without wildcard, or lead to a file
 * below the same folder; folders that are links are not entered. What cannot be read is reported, and does not hide the
 * others; what vanishes meanwhile is not there.
 */
export async function listFiles(patterns: readonly PathPattern[]): Promise<Listing> {
  const files = new Map<string, PhysicalFile>()
  const folders = new Set<string>()
  const problems = new Map<string, string>()
  const report = (place: string, error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    if (code !== 'ENOENT' && code !== 'ENOTDIR') problems.set(place, code)
  }
  const add = async (file: string, followsLinks: boolean) => {
    try {
      const found = await lookUp(file, followsLinks)
      if (found === undefined || files.has(file)) return
      if (files.size < MAX_FILES) files.set(file, found)
      else problems.set(file, `more than ${MAX_FILES} files match; give narrower patterns`)
    } catch (error) {
      report(file, error)
    }
  }
  const walk = async (
    root: string,
    folder: string,
    segments: PathPattern['segments'],
    depth: number,
  ): Promise<void> => {
    const [segment, ...rest] = segments
    if (segment === undefined || depth > MAX_FOLDER_DEPTH) return
    if (typeof segment === 'string' && segment !== '**') {
      const place = path.join(folder, segment)
      if (rest.length > 0) return walk(root, place, rest, depth)
      folders.add(folder)
      return add(place, true)
    }
    let names
    try {
      names = await readdir(folder, { withFileTypes: true })
    } catch (error) {
      return report(folder, error)
    }
    if (segment === '**') {
      await walk(root, folder, rest, depth)
      for (const name of names) {
        if (name.isDirectory() && !name.name.startsWith('.')) {
          await walk(root, path.join(folder, name.name), segments, depth + 1)
        }
      }
      return
    }
    if (rest.length === 0) folders.add(folder)
    await Promise.all(
      names
        .filter((name) => segment.test(name.name))
        .map(async (name) => {
          const place = path.join(folder, name.name)
          if (rest.length > 0) return name.isDirectory() ? walk(root, place, rest, depth + 1) : undefined
          if (name.isFile()) return add(place, false)
          return name.isSymbolicLink() && (await leadsBelow(root, place)) ? add(place, true) : undefined
        }),
    )
  }
  for (const pattern of patterns) await walk(pattern.root, pattern.root, pattern.segments, 0)
  return { files: [...files.values()], folders, problems }
}

async function leadsBelow(root: string, link: string): Promise<boolean> {
  try {
    if (!(await lstat(link)).isSymbolicLink()) return false
    const [target, realRoot] = await Promise.all([realpath(link), realpath(root)])
    return target.startsWith(realRoot + path.sep)
  } catch {
    // Dangling, a loop, or not to be read: nothing to follow.
    return false
  }
}
