import { describe, expect, it } from 'vitest'
import { activeFilters, noFilters } from './active-filters.ts'
import { facetQuestions, mergeFacets } from './facet-questions.ts'
import {
  DEFAULT_VIEW,
  defaultView,
  loggerPattern,
  startOf,
  toFilterQuery,
  toLogsQuery,
  withFilters,
  type View,
} from './view.ts'

const NARROWED: View = {
  ...DEFAULT_VIEW,
  levels: ['ERROR', 'CRITICAL'],
  components: ['worker'],
  search: 'timeout',
  user_id: '0',
  from: '-1h',
}

describe('a question from a view', () => {
  it('holds what is set and nothing else', () => {
    expect(toFilterQuery(DEFAULT_VIEW)).toEqual({})
    expect(toFilterQuery(NARROWED)).toEqual({
      level: ['ERROR', 'CRITICAL'],
      component: ['worker'],
      search: 'timeout',
      user_id: '0',
      from: '-1h',
    })
    expect(toLogsQuery({ ...DEFAULT_VIEW, cursor: 'c', limit: 50 })).toEqual({
      limit: 50,
      order: 'desc',
      cursor: 'c',
    })
  })
})

describe('changing filters', () => {
  const paged: View = { ...NARROWED, cursor: 'abc', start: 100, entry: 'e1' }

  it('goes back to the first page and closes the entry, unless it was asked for from the entry', () => {
    expect(withFilters(paged, { job_id: '7' })).toMatchObject({
      job_id: '7',
      cursor: '',
      start: 0,
      entry: '',
    })
    expect(withFilters(paged, { job_id: '7' }, true).entry).toBe('e1')
  })

  it('keeps the live tail, but not past an end of time', () => {
    const live = { ...DEFAULT_VIEW, isLive: true }
    expect(withFilters(live, { levels: ['ERROR'] }).isLive).toBe(true)
    expect(withFilters(live, { from: 'x', to: '2025-11-11T22:00:00Z' })).toMatchObject({
      isLive: false,
      to: '2025-11-11T22:00:00Z',
    })
  })
})

describe('the place of a page in the result', () => {
  it('moves on with what came since it was turned to, newest first, and stays where it is otherwise', () => {
    const page: View = { ...DEFAULT_VIEW, cursor: 'abc', start: 100, of: 301 }
    expect(startOf(page, 301)).toBe(100)
    expect(startOf(page, 305)).toBe(104)
    expect(startOf({ ...page, order: 'asc' }, 305)).toBe(100)
    // Retention takes the oldest, which stand behind the page.
    expect(startOf(page, 250)).toBe(100)
    expect(startOf({ ...page, of: 0 }, 305)).toBe(100)
    expect(startOf({ ...page, cursor: '' }, 305)).toBe(0)
  })
})

describe('a typed logger', () => {
  it.each([
    ['job_processor', 'job_processor'],
    ['job', '*job*'],
    [' job ', '*job*'],
    ['job*', 'job*'],
    ['', ''],
  ])('"%s" asks for %s', (typed, pattern) => {
    expect(loggerPattern(typed, ['job_processor', 'api.http'])).toBe(pattern)
  })
})

describe('the active filters', () => {
  it('name each condition, and each can be taken away alone', () => {
    const filters = activeFilters(NARROWED, 'utc')
    expect(filters.map(({ key, value }) => `${key}=${value}`)).toEqual([
      'search=timeout',
      'user_id=0',
      'level:ERROR=ERROR',
      'level:CRITICAL=CRITICAL',
      'component:worker=worker',
      'time=Last 1 hour',
    ])
    for (const { removal } of filters) {
      expect(activeFilters(withFilters(NARROWED, removal), 'utc')).toHaveLength(filters.length - 1)
    }
  })

  it('are none after all are cleared', () => {
    expect(activeFilters(withFilters(NARROWED, noFilters(NARROWED)), 'utc')).toEqual([])
  })
})

describe('a page beside the log', () => {
  it('has its own usual range, which is no filter; all time is one there', () => {
    const usual = defaultView('requests')
    expect(usual.from).toBe('-1h')
    expect(activeFilters(usual, 'utc')).toEqual([])
    const all = withFilters(usual, { from: '' })
    expect(activeFilters(all, 'utc').map(({ value }) => value)).toEqual(['All time'])
    expect(withFilters(all, noFilters(all))).toEqual(usual)
  })

  it('is not narrowed by what belongs to the log', () => {
    for (const page of ['services', 'storage'] as const) {
      expect(withFilters({ ...NARROWED, page }, {})).toEqual({ ...defaultView(page), refreshSeconds: 0 })
    }
  })
})

describe('the questions for facets', () => {
  it('share one where nothing is chosen', () => {
    expect(facetQuestions({ search: 'x' })).toEqual([{ search: 'x', fields: 'level,component,logger' }])
  })

  it("leave a field's own filter out, so that the other values keep their counts", () => {
    expect(facetQuestions({ level: ['ERROR'], logger: 'a' })).toEqual([
      { level: ['ERROR'], logger: 'a', fields: 'component' },
      { logger: 'a', fields: 'level' },
      { level: ['ERROR'], fields: 'logger' },
    ])
  })

  it('have answers that become one', () => {
    const value = [{ value: 'a', count: 1 }]
    expect(mergeFacets([{ facets: { level: value } }, { facets: { logger: value } }])).toEqual({
      level: value,
      logger: value,
    })
  })
})
