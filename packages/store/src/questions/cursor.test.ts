import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StoreError } from '../store-error.ts'
import { formatCursor, parseCursor, type Cursor } from './cursor.ts'
import { formatKey, parseKey } from './entry-key.ts'

const key = fc.record({
  timeUs: fc.integer({ min: -2_208_988_800_000_000, max: Number.MAX_SAFE_INTEGER }),
  file: fc.nat({ max: 2 ** 32 - 1 }),
  offset: fc.maxSafeNat(),
})

describe('cursors', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(
        key,
        fc.constantFrom('next', 'prev'),
        fc.constantFrom('asc', 'desc'),
        (place, way, order) => {
          const cursor: Cursor = { way: way as Cursor['way'], key: place }
          expect(parseCursor(formatCursor(cursor, order as 'asc'), order as 'asc')).toEqual(cursor)
          expect(parseKey(formatKey(place))).toEqual(place)
        },
      ),
    )
  })

  it.each(['', 'x', 'dn.', 'dn.1.2', "dn.1.2.3'", 'dn.1.2.3 OR 1', 'dx.1.2.3', 'dn.01.2.3', 'an.1.2.3'])(
    'are refused when they are none of ours, or of the other order: %j',
    (text) => {
      expect(() => parseCursor(text, 'desc')).toThrow(
        expect.objectContaining({ code: 'STORE_BAD_CURSOR' }) as StoreError,
      )
    },
  )

  it('are never anything but a key or an error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseCursor(text, 'desc')
        } catch (error) {
          expect(error).toBeInstanceOf(StoreError)
        }
      }),
    )
  })
})
