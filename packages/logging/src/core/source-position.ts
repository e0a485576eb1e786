import { readFileSync } from 'node:fs'
import { findSourceMap, SourceMap } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** A place in a source file. */
export interface SourcePosition {
  readonly file: string
  readonly line: number
}

/** The source map of each file asked for; undefined for those without. */
const maps = new Map<string, SourceMap | undefined>()
const MAX_MAPS = 1000

/** A comment of this form ends files that have a source map. */
const MAP_COMMENT = /\/\/[#@] sourceMappingURL=([^\s'"]+)\s*$/
/** How much of the end of a file is searched for it; an inline map is the whole rest of the file, so the search goes by text. */
const COMMENT = 'sourceMappingURL='

/**
 * The place in the original source (TypeScript) of a place in the running code, or the place itself when there is no
 * source map: asked from Node where it keeps them (`--enable-source-maps`, tsx), else read from beside the file, once.
 * Line and column count from 1. Never throws.
 */
export function mapPosition(file: string, line: number, column: number): SourcePosition {
  try {
    const map = sourceMapOf(file)
    if (map === undefined) return { file, line }
    const entry = map.findEntry(line - 1, column - 1) as { originalSource?: string; originalLine?: number }
    if (entry.originalSource === undefined || entry.originalLine === undefined) return { file, line }
    return { file: entry.originalSource, line: entry.originalLine + 1 }
  } catch {
    // A broken map must not cost the line its place in the running code.
    return { file, line }
  }
}

function sourceMapOf(file: string): SourceMap | undefined {
  if (maps.has(file)) return maps.get(file)
  if (maps.size >= MAX_MAPS) maps.clear()
  let map: SourceMap | undefined
  try {
    map = findSourceMap(file) ?? readSourceMap(file)
  } catch {
    // No such file (eval, node:internal) or no valid map: the running code is the best we know.
    map = undefined
  }
  maps.set(file, map)
  return map
}

function readSourceMap(file: string): SourceMap | undefined {
  const source = file.startsWith('file:') ? fileURLToPath(file) : file
  if (!path.isAbsolute(source)) return undefined
  const text = readFileSync(source, 'utf8')
  const place = text.lastIndexOf(COMMENT)
  const target =
    place === -1 ? undefined : MAP_COMMENT.exec(text.slice(text.lastIndexOf('\n', place) + 1))?.[1]
  if (target === undefined) return undefined
  const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(target)
  const json =
    inline === null
      ? readFileSync(path.resolve(path.dirname(source), decodeURIComponent(target)), 'utf8')
      : inline[1] === undefined
        ? decodeURIComponent(inline[2] ?? '')
        : Buffer.from(inline[2] ?? '', 'base64').toString('utf8')
  return new SourceMap(JSON.parse(json) as ConstructorParameters<typeof SourceMap>[0])
}
