import fc from 'fast-check'
import { LEVELS } from '@pixsim7/record'
import { describe, expect, it } from 'vitest'
import {
  DEFAULT_VIEW,
  MEASURES,
  normaliseView,
  PAGES,
  PAGE_SIZES,
  REFRESH_CHOICES_SECONDS,
  type View,
} from './view.ts'
import { addressOf, buildSearch, pageOf, parseView } from './view-url.ts'

// URLs carry Unicode scalar values only: a lone surrogate cannot be written into one.
const text = (maxLength: number) => fc.string({ unit: 'grapheme', maxLength: Math.floor(maxLength / 20) })

const views: fc.Arbitrary<View> = fc
  .record({
    page: fc.constantFrom(...PAGES),
    levels: fc.subarray([...LEVELS]),
    components: fc.uniqueArray(
      text(128).filter((name) => name !== ''),
      { maxLength: 5 },
    ),
    logger: text(256),
    q: text(8192),
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
    of: fc.nat(1e9),
    entry: text(512),
    isLive: fc.boolean(),
    refreshSeconds: fc.constantFrom(...REFRESH_CHOICES_SECONDS),
    overMs: fc.nat(999_999_999),
    measure: fc.constantFrom(...MEASURES),
  })
  .map(normaliseView)

describe('the view in the URL', () => {
  it('comes back as it was: parse(build(view)) is the view', () => {
    fc.assert(
      fc.property(views, (view) => {
        const { pathname, search } = new URL(addressOf(view), 'http://panel.test')
        expect(parseView(search, pageOf(pathname))).toEqual(view)
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
          'q',
          'over_ms',
          'measure',
          'from',
          'limit',
          'start',
          'of',
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
      fc.property(pairs, fc.constantFrom(...PAGES), (params, page) => {
        const once = buildSearch(parseView(`?${new URLSearchParams(params)}`, page))
        expect(buildSearch(parseView(once, page))).toBe(once)
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

  it.each([
    ['/logs', 'logs'],
    ['/requests', 'requests'],
    ['/services/', 'services'],
    ['/storage', 'storage'],
    ['/', 'logs'],
    ['/nonsense', 'logs'],
    ['/logs/nonsense', 'logs'],
  ])('reads the page of %s as %s', (pathname, page) => {
    expect(pageOf(pathname)).toBe(page)
  })

  it.each([
    ['requests', '', { from: '-1h', refreshSeconds: 15, overMs: 100 }],
    ['requests', '?from=&over_ms=500&refresh=0', { from: '', refreshSeconds: 0, overMs: 500 }],
    ['requests', '?over_ms=banana', { overMs: 100 }],
    ['services', '?level=ERROR&q=x', { levels: [], q: '', refreshSeconds: 5 }],
    ['storage', '?measure=lines', { measure: 'lines' }],
    ['logs', '?measure=lines&over_ms=5', { measure: 'bytes', overMs: 100 }],
  ] as const)('of the page %s reads %s by its own rules', (page, search, part) => {
    expect(parseView(search, page)).toMatchObject(part)
  })

  it('cuts values longer than the API takes', () => {
    expect(parseView(`?search=${'x'.repeat(9000)}`).search).toHaveLength(4096)
    expect(
      parseView(`?${Array.from({ length: 80 }, (_, index) => `component=c${index}`).join('&')}`).components,
    ).toHaveLength(50)
  })
})
