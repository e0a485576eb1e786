import { readMapPayload } from '../core/source-position.ts'
import type { SourceMapPayload } from './source-lookup.ts'
import { shiftMap } from './shift-map.ts'
import { transformCallSites } from './transform.ts'

/**
 * What a load hook makes of a file: its code with the places of log calls written in, and with a map that fits where Node keeps
 * maps (`--enable-source-maps`); the code itself when there is nothing to do. Never throws.
 *
 * @param file What the code calls itself in a stack: a path or a `file:` URL.
 */
export function hookFile(code: string, file: string, isModule: boolean): string {
  const transformed = transformCallSites(code, { file, isModule, tellsShifts: true })
  if (transformed === undefined) return code
  if (!process.sourceMapsEnabled) return transformed.code
  try {
    const found = readMapPayload(file, code) as SourceMapPayload | undefined
    if (found === undefined || typeof found.mappings !== 'string') return transformed.code
    const map = Buffer.from(JSON.stringify(shiftMap(found, code, transformed.insertions)))
    // The last such comment is the one that counts.
    return `${transformed.code}\n//# sourceMappingURL=data:application/json;base64,${map.toString('base64')}`
  } catch {
    // A map that cannot be read: columns of stacks are off by what was put in, lines are right.
    return transformed.code
  }
}
