import path from 'node:path'
import type { FileHealth } from '../log-store.ts'
import { messageOf } from '../store-error.ts'
import type { StoreEventListener } from '../store-event.ts'
import type { FollowedComponents } from './errors-file.ts'
import type { FileRole, FileRoles } from './file-role.ts'
import { findKnown } from './find-known.ts'
import { listFiles, parsePattern, type PathPattern } from './glob.ts'
import { Incarnation } from './incarnation.ts'
import type { IncarnationState } from './incarnation-state.ts'
import { isSameBirth, type PhysicalFile } from './physical-file.ts'

/** A file must be missing twice: a listing that runs beside a rename can miss it once. */
const MISSING_SCANS = 2
const RETRY_MS = 2000

/** A file that could not be looked into. */
interface Trouble {
  readonly id: number
  readonly component: string
  readonly sizeBytes: number
  readonly reason: string
  readonly retryAtMs: number
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
  readonly #known = new Map<number, Incarnation>()
  /** Of each file on disk, by device and inode: the incarnation it is read for, as its file or as a copy. */
  readonly #byKey = new Map<string, Incarnation>()
  /** Incarnations with a file or an open source. */
  readonly #followed = new Set<Incarnation>()
  readonly #components = new Set<string>()
  readonly #troubles = new Map<string, Trouble>()
  #lastId: number
  #lastTroubleId = 0

  constructor(
    patterns: readonly string[],
    roles: FileRoles,
    states: readonly IncarnationState[],
    report: StoreEventListener,
  ) {
    this.#patterns = patterns.map(parsePattern)
    this.#roles = roles
    this.errorsComponent = roles.errorsComponent
    this.#report = report
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

  /** A file has changed, says the system: it is read in the next round. */
  markChanged(file: string): void {
    for (const incarnation of this.#followed) {
      if (incarnation.path === file) incarnation.isDirty = true
    }
  }

  /** Looks at the disk. `touched` are the incarnations whose stored state is to be renewed. */
  async scan(nowMs: number): Promise<{ folders: ReadonlySet<string>; touched: readonly Incarnation[] }> {
    const listing = await listFiles(this.#patterns)
    const touched: Incarnation[] = []
    const names = new Set(listing.files.map((file) => file.path))
    const seen = new Set<string>()
    const fresh: { file: PhysicalFile; role: FileRole }[] = []
    for (const file of listing.files) {
      const role = this.#roles.roleOf(file.path)
      if (role === undefined) continue
      if ('problem' in role) {
        this.#trouble(file, path.basename(file.path), role.problem, Infinity)
        continue
      }
      // A compressor removes the plain file when its archive is complete.
      if (role.isArchive && names.has(file.path.replace(/\.gz$/, ''))) continue
      if (!role.isErrorsFile) this.#components.add(role.component)
      const incarnation = this.#livingAt(file)
      if (incarnation === undefined) fresh.push({ file, role })
      else if (!seen.has(file.key) || incarnation.path === file.path)
        this.#update(incarnation, file, role, touched)
      seen.add(file.key)
    }
    this.#noteMissing(seen)
    // Oldest first: when a file and its copy are both new, the copy is the older one.
    fresh.sort(
      (a, b) => Number(b.role.isRotated) - Number(a.role.isRotated) || a.file.modifiedMs - b.file.modifiedMs,
    )
    for (const { file, role } of fresh) await this.#attach(file, role, nowMs, touched)
    for (const [place, reason] of listing.problems) this.#troubleAt(place, path.basename(place), 0, reason, 0)
    this.#forgetTroubles(names, listing.problems)
    return { folders: listing.folders, touched }
  }

  /**
   * Takes the file away from an incarnation whose content it holds no more. When a copy of the content is known, the
   * incarnation goes on there, and the copy is returned.
   */
  async release(incarnation: Incarnation): Promise<PhysicalFile | undefined> {
    await incarnation.source?.close()
    incarnation.source = undefined
    if (incarnation.file !== undefined) this.#byKey.delete(incarnation.file.key)
    const copy = incarnation.copies.shift()
    this.#place(incarnation, copy)
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
    if (incarnation.file !== undefined) this.#byKey.delete(incarnation.file.key)
    const copy = incarnation.copies.shift()
    this.#place(incarnation, copy)
    if (copy !== undefined) return true
    this.#followed.delete(incarnation)
    // Of an archive only the packed size is known; it was there to be read again.
    const lostBytes = incarnation.role.isArchive
      ? 0
      : Math.max(0, incarnation.seenBytes - incarnation.readOffset)
    incarnation.counts.lostBytes += lostBytes
    this.#report({ event: 'fileGone', path: incarnation.path, lostBytes })
    return false
  }

  health(): Map<number, FileHealth> {
    const health = new Map<number, FileHealth>()
    for (const incarnation of this.#followed) health.set(incarnation.id, incarnation.health())
    for (const [place, trouble] of this.#troubles) health.set(trouble.id, troubleHealth(place, trouble))
    return health
  }

  async close(): Promise<void> {
    for (const incarnation of this.#followed) await incarnation.source?.close()
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

  #update(incarnation: Incarnation, file: PhysicalFile, role: FileRole, touched: Incarnation[]): void {
    if (incarnation.file !== undefined && incarnation.file.key !== file.key) {
      incarnation.copies = incarnation.copies.map((copy) => (copy.key === file.key ? file : copy))
      return
    }
    if (incarnation.path !== file.path) {
      this.#report({ event: 'fileRotated', from: incarnation.path, to: file.path })
      incarnation.path = file.path
      touched.push(incarnation)
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
      // The open source still brings what its writer, who has it open too, writes there.
      incarnation.isDirty = true
      if (incarnation.source === undefined) this.lose(incarnation)
      else if (file !== undefined) {
        this.#byKey.delete(file.key)
        incarnation.file = undefined
      }
    }
  }

  async #attach(file: PhysicalFile, role: FileRole, nowMs: number, touched: Incarnation[]): Promise<void> {
    // Nothing can be told about an empty file yet; it is nothing until it holds something.
    if (file.sizeBytes === 0 || (this.#troubles.get(file.path)?.retryAtMs ?? 0) > nowMs) return
    let known: Incarnation | undefined
    try {
      known = await findKnown(file, role, this.#known.values())
    } catch (error) {
      this.#trouble(file, role.component, messageOf(error), nowMs + RETRY_MS)
      return
    }
    this.#troubles.delete(file.path)
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
    known.role = role
    this.#place(known, file)
    known.lastReadMs = nowMs
    if (known.hasBeenRead) touched.push(known)
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
  }

  #trouble(file: PhysicalFile, component: string, reason: string, retryAtMs: number): void {
    this.#troubleAt(file.path, component, file.sizeBytes, reason, retryAtMs)
  }

  #troubleAt(place: string, component: string, sizeBytes: number, reason: string, retryAtMs: number): void {
    const before = this.#troubles.get(place)
    if (before?.reason !== reason) this.#report({ event: 'fileUnreadable', path: place, reason })
    this.#lastTroubleId -= before === undefined ? 1 : 0
    this.#troubles.set(place, {
      id: before?.id ?? this.#lastTroubleId,
      component,
      sizeBytes,
      reason,
      retryAtMs,
    })
  }

  #forgetTroubles(names: ReadonlySet<string>, problems: ReadonlyMap<string, string>): void {
    for (const place of this.#troubles.keys()) {
      if (!names.has(place) && !problems.has(place)) this.#troubles.delete(place)
    }
  }
}

function troubleHealth(place: string, { component, sizeBytes, reason, retryAtMs }: Trouble): FileHealth {
  return {
    path: place,
    component,
    sizeBytes,
    offsetBytes: 0,
    // What will never be read is not behind.
    lagBytes: retryAtMs === Infinity ? 0 : sizeBytes,
    lines: 0,
    rows: 0,
    continuationLines: 0,
    badLines: 0,
    copies: 0,
    cutLines: 0,
    lostBytes: 0,
    lastError: reason,
  }
}
