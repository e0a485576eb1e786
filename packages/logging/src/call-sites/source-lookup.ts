import { SourceMap } from 'node:module'
import { moduleOf } from '../core/call-site.ts'
import { readSourceMap } from '../core/source-position.ts'

/** Answers what a place in the code was in the source it was made of. */
export interface SourceLookup {
  /** Line, from 1, and module, the file's name without its ending. */
  placeOf(offset: number): { readonly line: number; readonly module: string | null }
  /** The name that stood in the source, where the map tells. */
  nameOf(offset: number, name: string): string
}

/** A source map as bundlers hand it on. */
export interface SourceMapPayload {
  readonly version: number
  readonly sources: readonly (string | null)[]
  readonly names: readonly string[]
  readonly mappings: string
}

/**
 * @param file What the code calls itself: a path or a `file:` URL.
 * @param given The map of the code, for whoever has one; else it is looked for in the code and beside the file.
 */
export function lookUpSource(code: string, file: string, given?: SourceMapPayload): SourceLookup {
  const starts = lineStarts(code)
  const map = given === undefined ? mapOf(code, file) : toSourceMap(given)
  const entryAt = (offset: number) => {
    const line = lineIndex(starts, offset)
    const column = offset - (starts[line] as number)
    const entry = map?.findEntry(line, column)
    if (entry === undefined || !('originalSource' in entry)) return undefined
    return { entry, isExact: entry.generatedLine === line && entry.generatedColumn === column }
  }
  return {
    placeOf(offset) {
      const found = entryAt(offset)
      return typeof found?.entry.originalSource === 'string'
        ? { line: found.entry.originalLine + 1, module: moduleOf(found.entry.originalSource) }
        : { line: lineIndex(starts, offset) + 1, module: moduleOf(file) }
    },
    nameOf(offset, name) {
      const found = entryAt(offset)
      const source = (found?.entry as { name?: string } | undefined)?.name
      return found?.isExact === true && source !== undefined && source !== '' ? source : name
    },
  }
}

function mapOf(code: string, file: string): SourceMap | undefined {
  try {
    return readSourceMap(file, code)
  } catch {
    // No map where the code says there is one, or a broken one: the code itself is the best we know.
    return undefined
  }
}

function toSourceMap(payload: SourceMapPayload): SourceMap | undefined {
  // Some tools hand on an empty map when nothing was changed.
  if (payload.mappings === '') return undefined
  return new SourceMap(payload as unknown as ConstructorParameters<typeof SourceMap>[0])
}

/** Offset of the beginning of each line. */
export function lineStarts(code: string): number[] {
  const starts = [0]
  for (let end = code.indexOf('\n'); end !== -1; end = code.indexOf('\n', end + 1)) starts.push(end + 1)
  return starts
}

/** Index of the line an offset is in. */
export function lineIndex(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] as number) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
