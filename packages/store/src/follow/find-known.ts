import { gatherContent } from './archive-content.ts'
import type { FileRole } from './file-role.ts'
import { HEAD_BYTES, hasFingerprint, hasHead, windowOf, type ReadContent } from './fingerprint.ts'
import type { Incarnation } from './incarnation.ts'
import { isSameBirth, openSame, type PhysicalFile } from './physical-file.ts'
import { readFully } from './read-fully.ts'

/**
 * The incarnation whose content a newly seen file goes on with, verified by that content; undefined when it is a new one,
 * `gone` when the path leads to another file by now, so that nothing can be said.
 *
 * A name that says "rotated" may stand for a copy of anything its component has written: copytruncate, compression, a move
 * to another file system. Any other name means the same file only when it is the same inode: programs begin their files with
 * equal lines, and those are lines of their own.
 */
export async function findKnown(
  file: PhysicalFile,
  role: FileRole,
  known: Iterable<Incarnation>,
): Promise<Incarnation | undefined | 'gone'> {
  const candidates = [...known]
    .filter((incarnation) => isCandidate(file, role, incarnation))
    .sort((a, b) => b.fingerprint().end - a.fingerprint().end)
  const finished = candidates.find((incarnation) => isFinishedArchive(file, role, incarnation))
  if (finished !== undefined || candidates.length === 0) return finished
  return role.isArchive ? findInArchive(file, candidates) : findInPlain(file, candidates)
}

function isCandidate(file: PhysicalFile, role: FileRole, incarnation: Incarnation): boolean {
  // Of one that has not been read, nothing is known to compare.
  if (!incarnation.hasBeenRead || incarnation.fingerprint().end === 0) return false
  const { key, born } = incarnation.lastKey
  if (key === file.key) return incarnation.source === undefined && isSameBirth(born, file.born)
  return role.isRotated && incarnation.component === role.component
}

/** It was unpacked to its end before, and has not changed. */
function isFinishedArchive(file: PhysicalFile, role: FileRole, incarnation: Incarnation): boolean {
  return (
    role.isArchive && incarnation.lastKey.key === file.key && incarnation.endOfArchiveBytes === file.sizeBytes
  )
}

async function findInPlain(
  file: PhysicalFile,
  candidates: readonly Incarnation[],
): Promise<Incarnation | undefined | 'gone'> {
  const handle = await openSame(file)
  if (handle === undefined) return 'gone'
  try {
    const read: ReadContent = (position, length) => readFully(handle, position, length)
    for (const incarnation of candidates) {
      const fingerprint = incarnation.fingerprint()
      if (fingerprint.end > file.sizeBytes || !(await hasFingerprint(fingerprint, read))) continue
      await incarnation.resume(read)
      return incarnation
    }
    return undefined
  } finally {
    await handle.close()
  }
}

async function findInArchive(
  file: PhysicalFile,
  candidates: readonly Incarnation[],
): Promise<Incarnation | undefined | 'gone'> {
  // Unpacking all of it is worth it only for what begins alike.
  const headLengths = [...new Set(candidates.map((incarnation) => incarnation.fingerprint().headLength))]
  const readHead = await gatherContent(
    file,
    headLengths.map((length) => ({ position: 0, length: Math.min(length, HEAD_BYTES) })),
  )
  if (readHead === undefined) return 'gone'
  const alike: Incarnation[] = []
  for (const incarnation of candidates) {
    if (await hasHead(incarnation.fingerprint(), readHead)) alike.push(incarnation)
  }
  if (alike.length === 0) return undefined
  const read = await gatherContent(
    file,
    alike.flatMap((incarnation) => {
      const fingerprint = incarnation.fingerprint()
      return [
        { position: 0, length: fingerprint.headLength },
        windowOf(fingerprint),
        ...incarnation.resumeRanges(),
      ]
    }),
  )
  if (read === undefined) return 'gone'
  for (const incarnation of alike) {
    if (!(await hasFingerprint(incarnation.fingerprint(), read))) continue
    await incarnation.resume(read)
    return incarnation
  }
  return undefined
}
