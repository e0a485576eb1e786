import type { IncarnationState } from '../follow/incarnation-state.ts'
import { joinRanges, type StoredRange } from '../follow/stored-range.ts'
import { FLAG_BAD, FLAG_CUT } from '../row.ts'
import { LOGS_TABLE } from '../schema.ts'
import { loadStates, rowsOf, storeStates, type RowStore } from './row-store.ts'

/** Where the store stands when it is opened. */
export interface Recovered {
  readonly states: readonly IncarnationState[]
  /** Newest batch of which a row or a position is stored. */
  readonly lastBatch: number
  readonly rows: number
  /** Rows that were stored and are no longer there: retention has removed them. */
  readonly expiredRows: number
}

interface RowAhead {
  readonly file: number
  readonly offset: number
  readonly length: number
  readonly lines: number
  readonly flags: number
  readonly batch: number
}

/**
 * Reads the positions, and settles the batch that was killed. A batch is stored in the order new incarnations, rows,
 * positions; so rows of a batch newer than all positions are ahead of their positions. What is ahead is noted with the
 * position, in one step and under that batch's number: from then on no row is newer than the positions, and the next
 * batch may be killed as well.
 */
export async function recover(store: RowStore): Promise<Recovered> {
  const states = await loadStates(store)
  const committed = states.reduce((newest, { version }) => Math.max(newest, version), 0)
  const ahead = await rowsOf<RowAhead>(
    store,
    `SELECT file, offset, length, lines, flags, batch FROM ${LOGS_TABLE} WHERE batch > ${committed}`,
  )
  const lastBatch = ahead.reduce((newest, { batch }) => Math.max(newest, batch), committed)
  const settled = settle(states, ahead, lastBatch)
  await storeStates(
    store,
    settled.filter((state, index) => state !== states[index]),
  )
  const [counted] = await rowsOf<{ total: number }>(store, `SELECT count() AS total FROM ${LOGS_TABLE}`)
  const rows = counted?.total ?? 0
  return { states: settled, lastBatch, rows, expiredRows: Math.max(0, storedRows(settled) - rows) }
}

/**
 * Rows that have been stored since the store was made. The positions count each exactly once, so what is missing needs no
 * count of its own, which could disagree with what was removed when the process is killed in between.
 */
function storedRows(states: readonly IncarnationState[]): number {
  return states.reduce(
    (sum, { counts, ahead }) => ahead.reduce((withAhead, range) => withAhead + range.rows, sum + counts.rows),
    0,
  )
}

function settle(
  states: readonly IncarnationState[],
  ahead: readonly RowAhead[],
  version: number,
): IncarnationState[] {
  const ranges = new Map<number, StoredRange[]>()
  for (const { file, offset, length, lines, flags } of ahead) {
    const range = {
      offset,
      length,
      rows: 1,
      lines,
      badLines: flags & FLAG_BAD ? 1 : 0,
      cutLines: flags & FLAG_CUT ? 1 : 0,
    }
    const known = ranges.get(file)
    if (known === undefined) ranges.set(file, [range])
    else known.push(range)
  }
  return states.map((state) => {
    const found = ranges.get(state.id)
    return found === undefined ? state : { ...state, ahead: joinRanges([...state.ahead, ...found]), version }
  })
}
