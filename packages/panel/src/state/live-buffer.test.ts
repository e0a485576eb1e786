import fc from 'fast-check'
import type { Entry } from '@pixsim7/protocol/client'
import { describe, expect, it } from 'vitest'
import { LiveBuffer, type ListRow } from './live-buffer.ts'

function entry(id: number): Entry {
  return {
    id: String(id),
    timestamp: new Date(Date.UTC(2025, 10, 11) + id).toISOString(),
    level: 'INFO',
    component: 'worker',
    service: null,
    host: null,
    logger: 'l',
    message: `m${id}`,
    module: null,
    function: null,
    line: null,
    user_id: null,
    job_id: null,
    request_id: null,
    exception: null,
    fields: {},
    file: 'worker.log',
    offset: id,
  }
}

const entries = (from: number, count: number): Entry[] =>
  Array.from({ length: count }, (_, index) => entry(from + index))
const words = (rows: readonly ListRow[]): string[] =>
  rows.map((row) => (row.kind === 'entry' ? row.id : `gap ${row.count ?? '?'}`))

describe('the rows of a live tail', () => {
  it('are held back until they are released, then stand newest first above the first page', () => {
    const buffer = new LiveBuffer()
    buffer.seed(entries(1, 2).reverse())
    buffer.add(entries(3, 2))
    expect(words(buffer.shown)).toEqual(['2', '1'])
    expect(buffer.heldCount).toBe(2)
    expect(buffer.release()).toBe(2)
    expect(words(buffer.shown)).toEqual(['4', '3', '2', '1'])
    expect(buffer.heldCount).toBe(0)
  })

  it('show an entry once that came by the page and by the tail, in whichever order', () => {
    const buffer = new LiveBuffer()
    expect(buffer.add(entries(2, 2))).toHaveLength(2)
    buffer.seed(entries(1, 3).reverse())
    expect(buffer.add(entries(3, 2)).map(({ id }) => id)).toEqual(['4'])
    buffer.release()
    expect(words(buffer.shown)).toEqual(['4', '3', '2', '1'])
  })

  it('within one batch stand by time', () => {
    const buffer = new LiveBuffer()
    buffer.add([entry(5), entry(9), entry(7)])
    buffer.release()
    expect(words(buffer.shown)).toEqual(['9', '7', '5'])
  })

  it('name what the server left out, below the batch it came with', () => {
    const buffer = new LiveBuffer()
    buffer.add(entries(1, 1))
    buffer.add(entries(50, 1), 48)
    buffer.addGap(null, 'reconnected')
    buffer.release()
    expect(words(buffer.shown)).toEqual(['gap ?', '50', 'gap 48', '1'])
  })

  it('drop the oldest held ones past the limit, count them, and leave what is being read alone', () => {
    const buffer = new LiveBuffer(10, 4)
    buffer.seed(entries(1, 3).reverse())
    buffer.add(entries(10, 9))
    expect(words(buffer.shown)).toEqual(['3', '2', '1'])
    expect(buffer.heldCount).toBe(9)
    buffer.release()
    expect(words(buffer.shown)).toEqual(['18', '17', '16', '15', 'gap 5', '3'])
  })

  it('count a dropped gap with what it stood for', () => {
    const buffer = new LiveBuffer(10, 2)
    buffer.add(entries(1, 1), 7)
    buffer.add(entries(2, 2))
    buffer.release()
    expect(words(buffer.shown)).toEqual(['3', '2', 'gap 8'])
  })

  it('never exceed the limit, and account for every entry at each release', () => {
    const steps = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 5 }), fc.boolean()),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(steps, (all) => {
        // More rows are shown than can be held, so a release is never trimmed itself.
        const buffer = new LiveBuffer(40, 15)
        let next = 1
        let arrived = 0
        for (const [count, skipped, releases] of all) {
          buffer.add(entries(next, count), skipped)
          next += count
          arrived += count + skipped
          expect(buffer.shown.length).toBeLessThanOrEqual(25)
          if (!releases) continue
          const before = new Set(buffer.shown)
          buffer.release()
          const fresh = buffer.shown.filter((row) => !before.has(row))
          const accounted = fresh.reduce((sum, row) => sum + (row.kind === 'entry' ? 1 : (row.count ?? 0)), 0)
          expect(accounted).toBe(arrived)
          arrived = 0
        }
      }),
    )
  })
})
