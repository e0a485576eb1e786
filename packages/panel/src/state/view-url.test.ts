import fc from 'fast-check'
import { LEVELS } from '@pixsim7/record'
import { describe, expect, it } from 'vitest'
import { DEFAULT_VIEW, normaliseView, PAGE_SIZES, REFRESH_CHOICES_SECONDS, type View } from './view.ts'
import { buildSearch, parseView } from './view-url.ts'

// URLs carry Unicode scalar values only: a lone surrogate cannot be written into one.
const text = (maxLength: number) => fc.string({ unit: 'grapheme', maxLength: Math.floor(maxLength / 20) })

const views: fc.Arbitrary<View> = fc
  .record({
    levels: fc.subarray([...LEVELS]),
    components: fc.uniqueArray(
      text(128).filter((name) => name !== ''),
      { maxLength: 5 },
    ),
    logger: text(256),
    search: text(4096),
    user_id: text(256),
    job_id: text(256),
    request_id: text(256),
    from: fc.constantFrom('', '-15m', '-7d', '2025-11-11T22:30:45.123456Z', '2025-11-11T22:30:45+02:00'),
    to: fc.constantFrom('', 'now', '2025-11-11T23:30:45.000Z'),
    order: fc.constantFrom('asc' as const, 'desc' as const),
    limit: fc.constantFrom(...PAGE_SIZES),
    cursor: text(512),
    start: fc.nat(1e9),
    entry: text(512),
    isLive: fc.boolean(),
    refreshSeconds: fc.constantFrom(...REFRESH_CHOICES_SECONDS),
  })
  .map(normaliseView)

describe('the view in the URL', () => {
  it('comes back as it was: parse(build(view)) is the view', () => {
    fc.assert(
      fc.property(views, (view) => {
        expect(parseView(buildSearch(view))).toEqual(view)
      }),
      { numRuns: 500 },
    )
  })

  it('has one URL: build(parse(url)) is stable, whatever the URL', () => {
    const pairs = fc.array(
      fc.tuple(
        fc.constantFrom(
          'level',
          'component',
          'logger',
          'search',
          'from',
          'limit',
          'start',
          'order',
          'live',
          'refresh',
          'cursor',
          'x',
        ),
        fc.oneof(
          fc.string({ unit: 'grapheme', maxLength: 12 }),
          fc.constantFrom('ERROR', 'warn', '1', '-1', '200', 'asc', '15', '%', '&=#+'),
        ),
      ),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(pairs, (params) => {
        const once = buildSearch(parseView(`?${new URLSearchParams(params)}`))
        expect(buildSearch(parseView(once))).toBe(once)
      }),
      { numRuns: 500 },
    )
  })

  it('is empty for the default view', () => {
    expect(buildSearch(DEFAULT_VIEW)).toBe('')
    expect(parseView('')).toEqual(DEFAULT_VIEW)
  })

  it('uses the names of the API, so that a link can be turned into a question', () => {
    const view = {
      ...DEFAULT_VIEW,
      levels: ['ERROR', 'CRITICAL'] as const,
      job_id: '123',
      search: 'a "b" & c',
      from: '-1h',
    }
    expect(buildSearch(view)).toBe('?level=ERROR&level=CRITICAL&search=a+%22b%22+%26+c&job_id=123&from=-1h')
  })

  it.each([
    ['?level=warn&level=NONSENSE&level=fatal', { levels: ['WARNING', 'CRITICAL'] }],
    ['?limit=17', { limit: 100 }],
    ['?limit=500', { limit: 500 }],
    ['?refresh=3', { refreshSeconds: 0 }],
    ['?start=50', { start: 0 }],
    ['?cursor=abc&start=50', { cursor: 'abc', start: 50 }],
    ['?cursor=abc&start=-5', { start: 0 }],
    ['?user_id=0', { user_id: '0' }],
    [
      '?live=1&cursor=abc&order=asc&to=now&refresh=5',
      { isLive: true, cursor: '', order: 'desc', to: '', refreshSeconds: 0 },
    ],
    ['?level=DEBUG&level=INFO&level=WARNING&level=ERROR&level=CRITICAL', { levels: [] }],
  ])('reads %s by the rules of a view', (search, part) => {
    expect(parseView(search)).toMatchObject(part)
  })

  it('cuts values longer than the API takes', () => {
    expect(parseView(`?search=${'x'.repeat(9000)}`).search).toHaveLength(4096)
    expect(
      parseView(`?${Array.from({ length: 80 }, (_, index) => `component=c${index}`).join('&')}`).components,
    ).toHaveLength(50)
  })
})
