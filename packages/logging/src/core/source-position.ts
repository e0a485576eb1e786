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

/** A source map, and whether Node itself keeps it: then it is that of the code as it runs. */
interface KnownMap {
  readonly map: SourceMap
  readonly isOfNode: boolean
}

/** The source map of each file asked for; undefined for those without. */
const maps = new Map<string, KnownMap | undefined>()
const MAX_MAPS = 1000

/**
 * By file: line in the code, column and length of each text that was put into it when it was loaded (call-sites/transform.ts). On
 * globalThis, since the files themselves write it, whichever copy of the library is loaded.
 */
const SHIFTS = Symbol.for('@pixsim7/logging:shifts')

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
    const known = sourceMapOf(file)
    const columnBefore = known?.isOfNode === false ? columnAsLoaded(file, line, column) : column
    const entry = known?.map.findEntry(line - 1, columnBefore - 1)
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

/** The column that a place had before texts were put in before it; line and column count from 1. */
function columnAsLoaded(file: string, line: number, column: number): number {
  const shifts = (globalThis as { [SHIFTS]?: ReadonlyMap<string, readonly number[]> })[SHIFTS]?.get(file)
  if (shifts === undefined) return column
  let put = 0
  for (let index = 0; index < shifts.length; index += 3) {
    const [ownLine, ownColumn, length] = [shifts[index], shifts[index + 1] ?? 0, shifts[index + 2] ?? 0]
    if (ownLine === line && ownColumn + put + length <= column - 1) put += length
  }
  return column - put
}

function sourceMapOf(file: string): KnownMap | undefined {
  if (maps.has(file)) return maps.get(file)
  if (maps.size >= MAX_MAPS) maps.clear()
  let known: KnownMap | undefined
  try {
    const ofNode = findSourceMap(file)
    const map = ofNode ?? readSourceMap(file)
    known = map === undefined ? undefined : { map, isOfNode: ofNode !== undefined }
  } catch {
    // No such file (eval, node:internal) or no valid map: the running code is the best we know.
  }
  maps.set(file, known)
  return known
}

/**
 * The source map that a file names, by a comment at its end; undefined when it names none.
 *
 * @param file A path or a `file:` URL.
 * @param code The content of the file, for whoever has it.
 * @throws What reading the file or its map throws.
 */
export function readSourceMap(file: string, code?: string): SourceMap | undefined {
  const payload = readMapPayload(file, code)
  return payload === undefined
    ? undefined
    : new SourceMap(payload as ConstructorParameters<typeof SourceMap>[0])
}

/** The same, as the object the map's JSON holds. */
export function readMapPayload(file: string, code?: string): object | undefined {
  const place = pathOf(file)
  if (!path.isAbsolute(place)) return undefined
  const text = code ?? readFileSync(place, 'utf8')
  const comment = text.lastIndexOf(MAP_COMMENT_NAME)
  const target =
    comment === -1 ? undefined : MAP_COMMENT.exec(text.slice(text.lastIndexOf('\n', comment) + 1))?.[1]
  if (target === undefined) return undefined
  const json = target.startsWith('data:')
    ? inlineMap(target)
    : readFileSync(path.resolve(path.dirname(place), decodeURIComponent(target)), 'utf8')
  return json === undefined ? undefined : (JSON.parse(json) as object)
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
