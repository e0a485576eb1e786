import { LEVELS } from '@pixsim7/record'
import { describe, expect, it } from 'vitest'
import { isErrorLevel, LEVELS_HIGH_FIRST, normaliseLevels, QUICK_FILTERS, quickFilterOf } from './level.ts'

describe('levels', () => {
  it('are listed with the most severe first', () => {
    expect(LEVELS_HIGH_FIRST).toEqual(['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG'])
  })

  it('are an error from ERROR up', () => {
    expect(LEVELS.filter(isErrorLevel)).toEqual(['ERROR', 'CRITICAL'])
  })

  it('are normalised: each once, lowest first, all as none', () => {
    expect(normaliseLevels(['CRITICAL', 'DEBUG', 'CRITICAL'])).toEqual(['DEBUG', 'CRITICAL'])
    expect(normaliseLevels([...LEVELS])).toEqual([])
  })
})

describe('quick filters', () => {
  it.each([
    ['Errors Only', ['ERROR', 'CRITICAL']],
    ['Warnings', ['WARNING']],
    ['Info', ['INFO']],
    ['Debug', ['DEBUG']],
    ['All', []],
  ])('%s chooses %j', (label, levels) => {
    expect(QUICK_FILTERS.find((filter) => filter.label === label)?.levels).toEqual(levels)
  })

  it('are found again from the levels, in any order, and only when exactly these are chosen', () => {
    expect(quickFilterOf(['CRITICAL', 'ERROR'])?.id).toBe('errors')
    expect(quickFilterOf([])?.id).toBe('all')
    expect(quickFilterOf(['ERROR'])).toBeUndefined()
    expect(quickFilterOf(['ERROR', 'WARNING', 'CRITICAL'])).toBeUndefined()
  })
})
