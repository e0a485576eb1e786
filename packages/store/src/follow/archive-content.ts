import { ArchiveSource } from './archive-source.ts'
import type { ReadContent } from './fingerprint.ts'
import { openSame, type PhysicalFile } from './physical-file.ts'

/** A stretch of unpacked content. */
export interface ContentRange {
  readonly position: number
  readonly length: number
}

/**
 * Unpacks an archive once and keeps the ranges asked for; the answer reads from those only. What is beyond the end of the
 * content, or of its good part, comes back shorter. Undefined when the file has gone meanwhile.
 */
export async function gatherContent(
  file: PhysicalFile,
  ranges: readonly ContentRange[],
): Promise<ReadContent | undefined> {
  const handle = await openSame(file)
  if (handle === undefined) return undefined
  const kept = ranges.map((range) => ({ range, bytes: Buffer.alloc(range.length), filled: 0 }))
  const end = Math.max(0, ...ranges.map(({ position, length }) => position + length))
  const source = new ArchiveSource(handle, file.sizeBytes)
  try {
    for (let position = 0; position < end;) {
      const result = await source.read(position)
      if (result.kind !== 'bytes') break
      for (const part of kept) {
        const from = Math.max(part.range.position, position)
        const to = Math.min(part.range.position + part.range.length, position + result.bytes.length)
        if (from >= to) continue
        result.bytes.copy(part.bytes, from - part.range.position, from - position, to - position)
        part.filled = to - part.range.position
      }
      position += result.bytes.length
    }
  } finally {
    await source.close()
  }
  return async (position, length) => {
    const part = kept.find(({ range }) => range.position === position && range.length === length)
    if (part === undefined)
      throw new Error(`BUG: bytes ${position} to ${position + length} were not gathered`)
    return part.bytes.subarray(0, part.filled)
  }
}
