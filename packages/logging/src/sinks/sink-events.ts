import type { FileSink } from './file-sink.ts'
import type { DroppedLines } from './pending-lines.ts'

/** Why lines were dropped: the file could not be written, or not as fast as lines came. */
export type DropReason = 'write_failed' | 'slow_disk'

/** What a sink tells about itself; its owner makes records of it, but not before the call of the sink has returned. */
export interface SinkEvents {
  slow(sink: FileSink, writeMs: number, isAsync: boolean): void
  failed(sink: FileSink, error: Error): void
  recovered(sink: FileSink, failedForMs: number): void
  dropped(sink: FileSink, dropped: DroppedLines, reason: DropReason): void
  reopened(sink: FileSink, reason: 'moved' | 'signal'): void
}
