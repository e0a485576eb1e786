import path from 'node:path'
import type { FileHealth } from '../log-store.ts'
import type { StoreEventListener } from '../store-event.ts'
import { messageOf } from '../store-error.ts'
import { ArchiveIdentifier, type Identified } from './archive-identifier.ts'
import type { FollowedComponents } from './errors-file.ts'
import type { FileRole, FileRoles } from './file-role.ts'
import { FileTroubles } from './file-troubles.ts'
import { findKnown } from './find-known.ts'
import { listFiles, parsePattern, type PathPattern } from './glob.ts'
import { Incarnation } from './incarnation.ts'
import type { IncarnationState } from './incarnation-state.ts'
import { isSameBirth, type PhysicalFile } from './physical-file.ts'

/** A file must be missing twice: a listing that runs beside a rename can miss it once. */
const MISSING_SCANS = 2
const RETRY_MS = 2000

/** A file on disk that is read for no incarnation yet. */
interface NewFile {
  readonly file: PhysicalFile
  readonly role: FileRole
}

/**
 * The incarnations known, and which files on disk they are. Every scan compares the two: same inode, new name is a
 * rotation; an unknown inode is a copy of something known or a new incarnation; what is not there any more is gone.
 */
export class FileSet implements FollowedComponents {
  readonly errorsComponent: string
  readonly #patterns: readonly PathPattern[]
  readonly #roles: FileRoles
  readonly #report: StoreEventListener
  readonly #troubles: FileTroubles
  readonly #archives: ArchiveIdentifier
  readonly #known = new Map<number, Incarnation>()
  /** Of each file on disk, by device and inode: the incarnation it is read for, as its file or as a copy. */
  readonly #byKey = new Map<string, Incarnation>()
  /** Incarnations with a file or an open source. */
  readonly #followed = new Set<Incarnation>()
  readonly #components = new Set<string>()
  /** Incarnations whose stored state is to be renewed. */
  #changed = new Set<Incarnation>()
  /** The scan has seen files that it has not looked into yet. */
  #hasPending = false
  #lastId: number

  /** @param onNews A scan would find out more than the last one. */
  constructor(
    patterns: readonly string[],
    roles: FileRoles,
    states: readonly IncarnationState[],
    report: StoreEventListener,
    onNews: () => void,
  ) {
    this.#patterns = patterns.map(parsePattern)
    this.#roles = roles
    this.errorsComponent = roles.errorsComponent
    this.#report = report
    this.#troubles = new FileTroubles(report)
    this.#archives = new ArchiveIdentifier(() => this.#known.values(), onNews)
    this.#lastId = states.reduce((last, { id }) => Math.max(last, id), 0)
    for (const state of states) {
      const role = roles.roleOf(state.path)
      if (role === undefined || 'problem' in role) continue
      this.#known.set(state.id, new Incarnation(state.id, role, state.path, performance.now(), state))
      if (!role.isErrorsFile) this.#components.add(role.component)
    }
  }

  followed(): Iterable<Incarnation> {
    return this.#followed
  }

  isFollowed(component: string): boolean {
    return this.#components.has(component)
  }

  coveredSince(component: string): string {
    let earliest = ''
    for (const incarnation of this.#known.values()) {
      if (incarnation.component !== component || incarnation.firstTimestamp === '') continue
      if (earliest === '' || incarnation.firstTimestamp < earliest) earliest = incarnation.firstTimestamp
    }
    return earliest
  }

  /** Whether files other than errors files wait to be read for the first time. */
  get hasUnread(): boolean {
    if (this.#hasPending) return true
    for (const { isErrorsFile, hasBeenRead, isDirty, lastError } of this.#followed) {
      if (!isErrorsFile && !hasBeenRead && isDirty && lastError === null) return true
    }
    return false
  }

  /** A file has changed, says the system: it is read in the next round. */
  markChanged(file: string): void {
    for (const incarnation of this.#followed) {
      if (incarnation.path === file) incarnation.isDirty = true
    }
  }

  /** Incarnations whose stored state is to be renewed, since the last call. */
  takeChanged(): ReadonlySet<Incarnation> {
    const changed = this.#changed
    this.#changed = new Set()
    return changed
  }

  /** Looks at the disk; returns the folders in which files may appear. */
  async scan(nowMs: number): Promise<ReadonlySet<string>> {
    const listing = await listFiles(this.#patterns)
    const names = new Set(listing.files.map((file) => file.path))
    const seen = new Set<string>()
    const fresh: NewFile[] = []
    for (const file of listing.files) {
      const role = this.#roles.roleOf(file.path)
      if (role === undefined) continue
      if ('problem' in role) {
        this.#trouble(file.path, path.basename(file.path), role.problem, Infinity, file.sizeBytes)
        continue
      }
      // A compressor removes the plain file when its archive is complete.
      if (role.isArchive && names.has(file.path.replace(/\.gz$/, ''))) continue
      if (!role.isErrorsFile) this.#components.add(role.component)
      const incarnation = this.#livingAt(file)
      if (incarnation === undefined) fresh.push({ file, role })
      else if (!seen.has(file.key) || incarnation.path === file.path) this.#update(incarnation, file, role)
      seen.add(file.key)
    }
    this.#noteMissing(seen)
    await this.#attachAll(fresh, nowMs)
    for (const [place, reason] of listing.problems) this.#trouble(place, path.basename(place), reason, 0)
    this.#troubles.keepOnly((place) => names.has(place) || listing.problems.has(place))
    return listing.folders
  }

  /**
   * Takes the file away from an incarnation whose content it holds no more. When a copy of the content is known, the
   * incarnation goes on there, and the copy is returned.
   */
  async release(incarnation: Incarnation): Promise<PhysicalFile | undefined> {
    await incarnation.source?.close()
    incarnation.source = undefined
    const copy = this.#moveToCopy(incarnation)
    if (copy === undefined) {
      incarnation.isOver = true
      this.#followed.delete(incarnation)
    }
    return copy
  }

  /**
   * The file an incarnation was read from is gone, and is not open any more. Says whether a copy of it goes on; else the
   * incarnation is only remembered.
   */
  lose(incarnation: Incarnation): boolean {
    if (this.#moveToCopy(incarnation) !== undefined) return true
    this.#followed.delete(incarnation)
    // Of an archive only the packed size is known.
    const unread = incarnation.role.isArchive ? 0 : incarnation.seenBytes - incarnation.readOffset
    const lostBytes = Math.max(0, unread)
    incarnation.counts.lostBytes += lostBytes
    this.#changed.add(incarnation)
    this.#report({ event: 'fileGone', path: incarnation.path, lostBytes })
    return false
  }

  health(): Map<number, FileHealth> {
    const health = new Map(this.#troubles.health())
    for (const incarnation of this.#followed) health.set(incarnation.id, incarnation.health())
    return health
  }

  async close(): Promise<void> {
    for (const incarnation of this.#followed) await incarnation.source?.close()
  }

  #moveToCopy(incarnation: Incarnation): PhysicalFile | undefined {
    this.#byKey.delete(incarnation.lastKey.key)
    const copy = incarnation.copies.shift()
    this.#place(incarnation, copy)
    return copy
  }

  /** The incarnation read for this inode; undefined when the system has given the inode to another file meanwhile. */
  #livingAt(file: PhysicalFile): Incarnation | undefined {
    const incarnation = this.#byKey.get(file.key)
    const isReused =
      incarnation?.file?.key === file.key &&
      incarnation.source === undefined &&
      !isSameBirth(incarnation.file.born, file.born)
    if (!isReused) return incarnation
    this.lose(incarnation)
    return undefined
  }

  #update(incarnation: Incarnation, file: PhysicalFile, role: FileRole): void {
    const copy = incarnation.copies.findIndex(({ key }) => key === file.key)
    if (copy !== -1) {
      // It takes over when the source of a file that is gone has been read out; until then it stays a copy.
      incarnation.copies[copy] = file
      return
    }
    if (incarnation.file !== undefined && incarnation.file.key !== file.key) return
    if (incarnation.path !== file.path) {
      this.#report({ event: 'fileRotated', from: incarnation.path, to: file.path })
      incarnation.path = file.path
      this.#changed.add(incarnation)
    }
    incarnation.file = file
    incarnation.role = role
    incarnation.missedScans = 0
    incarnation.seenBytes = file.sizeBytes
    const wasReadTo = role.isArchive ? incarnation.endOfArchiveBytes : incarnation.readOffset
    if (file.sizeBytes !== wasReadTo) incarnation.isDirty = true
  }

  #noteMissing(seen: ReadonlySet<string>): void {
    for (const incarnation of this.#followed) {
      incarnation.copies = incarnation.copies.filter((copy) => {
        if (!seen.has(copy.key)) this.#byKey.delete(copy.key)
        return seen.has(copy.key)
      })
      const { file } = incarnation
      if (file !== undefined && seen.has(file.key)) continue
      incarnation.missedScans += 1
      if (incarnation.missedScans < MISSING_SCANS) continue
      // The open source still brings what its writer, who has it open too, writes there. It may also come back.
      incarnation.isDirty = true
      if (incarnation.source === undefined) this.lose(incarnation)
      else incarnation.file = undefined
    }
  }

  async #attachAll(fresh: NewFile[], nowMs: number): Promise<void> {
    // Nothing can be told about an empty file yet; it is nothing until it holds something.
    const waiting = fresh.filter(
      ({ file }) => file.sizeBytes > 0 && !this.#troubles.isWaiting(file.path, nowMs),
    )
    // Oldest first: when a file and its copy are both new, the copy is the older one.
    waiting.sort(
      (a, b) => Number(b.role.isRotated) - Number(a.role.isRotated) || a.file.modifiedMs - b.file.modifiedMs,
    )
    this.#hasPending = false
    for (const { file, role } of waiting) {
      const found: Identified = role.isArchive
        ? this.#archives.identify(file, role)
        : await findKnown(file, role, this.#known.values()).then(
            (known) => ({ known }),
            (error: unknown) => ({ error }),
          )
      if (found === 'pending') this.#hasPending ||= !role.isErrorsFile
      else if ('error' in found) {
        this.#trouble(file.path, role.component, messageOf(found.error), nowMs + RETRY_MS, file.sizeBytes)
      } else if (found.known !== 'gone') this.#attach(file, role, found.known, nowMs)
    }
    this.#archives.dropUnasked(({ key }) => waiting.some(({ file }) => file.key === key))
  }

  #attach(file: PhysicalFile, role: FileRole, found: Incarnation | undefined, nowMs: number): void {
    this.#troubles.solved(file.path)
    let known = found
    if (known?.source !== undefined || (known?.file !== undefined && known.file.key !== file.key)) {
      known.copies.push(file)
      this.#byKey.set(file.key, known)
      return
    }
    if (known === undefined) {
      this.#lastId += 1
      known = new Incarnation(this.#lastId, role, file.path, nowMs)
      this.#known.set(known.id, known)
      this.#report({ event: 'fileDiscovered', path: file.path, component: role.component })
    } else if (known.path !== file.path) {
      this.#report({ event: 'fileRotated', from: known.path, to: file.path })
    }
    this.#place(known, file)
    known.lastReadMs = nowMs
    this.#changed.add(known)
  }

  #place(incarnation: Incarnation, file: PhysicalFile | undefined): void {
    incarnation.file = file
    incarnation.missedScans = 0
    if (file === undefined) return
    const role = this.#roles.roleOf(file.path)
    if (role !== undefined && !('problem' in role)) incarnation.role = role
    incarnation.path = file.path
    incarnation.seenBytes = file.sizeBytes
    incarnation.isOver = false
    incarnation.isDirty = !(incarnation.role.isArchive && incarnation.endOfArchiveBytes === file.sizeBytes)
    this.#byKey.set(file.key, incarnation)
    this.#followed.add(incarnation)
    this.#changed.add(incarnation)
  }

  #trouble(place: string, component: string, reason: string, retryAtMs: number, sizeBytes = 0): void {
    this.#troubles.note({ path: place, component, sizeBytes, reason, retryAtMs })
  }
}
