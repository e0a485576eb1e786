import { readFileSync } from 'node:fs'
import { findSourceMap, SourceMap } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** A place in a source file. */
export interface SourcePosition {
  /** A path, or what the running code calls itself (`file:///…`, `node:fs`). */
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The source map of each file asked for; undefined for those without. */
const maps = new Map<string, SourceMap | undefined>()
const MAX_MAPS = 1000

/** A file that has a source map ends in such a comment, with a path or with the map itself. */
const MAP_COMMENT = /^\/\/[#@] ?sourceMappingURL=(\S+)\s*$/
const MAP_COMMENT_NAME = 'sourceMappingURL='

/**
 * The place in the original source (TypeScript) of a place in the running code, or the place itself when there is no
 * source map: asked from Node where it keeps them (`--enable-source-maps`, tsx), else read from beside the file, once.
 * Line and column count from 1. Never throws.
 */
export function mapPosition(file: string, line: number, column: number): SourcePosition {
  try {
    const entry = sourceMapOf(file)?.findEntry(line - 1, column - 1)
    if (entry !== undefined && 'originalSource' in entry && typeof entry.originalSource === 'string') {
      return {
        file: resolveSource(entry.originalSource, file),
        line: entry.originalLine + 1,
        column: entry.originalColumn + 1,
      }
    }
  } catch {
    // A broken map must not cost the line its place in the running code.
  }
  return { file, line, column }
}

/** Sources are given relative to the file they became, or as URLs. */
function resolveSource(source: string, file: string): string {
  if (source.startsWith('file:')) return fileURLToPath(source)
  if (/^[a-z][a-z+.-]+:/i.test(source) || path.isAbsolute(source)) return source
  return path.resolve(path.dirname(pathOf(file)), source)
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file
}

function sourceMapOf(file: string): SourceMap | undefined {
  if (maps.has(file)) return maps.get(file)
  if (maps.size >= MAX_MAPS) maps.clear()
  let map: SourceMap | undefined
  try {
    map = findSourceMap(file) ?? readSourceMap(pathOf(file))
  } catch {
    // No such file (eval, node:internal) or no valid map: the running code is the best we know.
    map = undefined
  }
  maps.set(file, map)
  return map
}

function readSourceMap(file: string): SourceMap | undefined {
  if (!path.isAbsolute(file)) return undefined
  const text = readFileSync(file, 'utf8')
  const place = text.lastIndexOf(MAP_COMMENT_NAME)
  const target =
    place === -1 ? undefined : MAP_COMMENT.exec(text.slice(text.lastIndexOf('\n', place) + 1))?.[1]
  if (target === undefined) return undefined
  const json = target.startsWith('data:')
    ? inlineMap(target)
    : readFileSync(path.resolve(path.dirname(file), decodeURIComponent(target)), 'utf8')
  return json === undefined
    ? undefined
    : new SourceMap(JSON.parse(json) as ConstructorParameters<typeof SourceMap>[0])
}

function inlineMap(url: string): string | undefined {
  const match = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(url)
  if (match === null) return undefined
  const body = match[2] ?? ''
  return match[1] === undefined ? decodeURIComponent(body) : Buffer.from(body, 'base64').toString('utf8')
}

/** The place at the end of a line of a stack. */
const PLACE = /:(\d{1,9}):(\d{1,9})(\)?)$/

/** A line of a stack with its place in the original source; any other line as it is. */
export function mapStackLine(line: string): string {
  const match = PLACE.exec(line)
  const at = /^\s+at (?:async )?/.exec(line)
  if (match === null || at === null) return line
  const start = match[3] === ')' ? line.lastIndexOf('(', match.index) + 1 : at[0].length
  const file = line.slice(start, match.index)
  if (!file.startsWith('file:') && !path.isAbsolute(file)) return line
  const place = mapPosition(file, Number(match[1]), Number(match[2]))
  return place.file === file
    ? line
    : `${line.slice(0, start)}${place.file}:${place.line}:${place.column}${match[3]}`
}
