import type { FacetsAnswer, FacetsQuery, FilterQuery } from '@pixsim7/protocol/client'

/** Fields the panel offers values of, with the filter each belongs to. */
const FACETS = ['level', 'component', 'logger'] as const

/**
 * The facets of a field must not be narrowed by its own filter: whoever chose ERROR wants to see how many warnings there
 * are. Fields without a filter share one question; each filtered one has its own.
 */
export function facetQuestions(filter: FilterQuery): readonly FacetsQuery[] {
  const isFiltered = (field: (typeof FACETS)[number]): boolean => filter[field] !== undefined
  const shared = FACETS.filter((field) => !isFiltered(field))
  const own = FACETS.filter(isFiltered).map((field): FacetsQuery => {
    const { [field]: _own, ...others } = filter
    return { ...others, fields: field }
  })
  return shared.length === 0 ? own : [{ ...filter, fields: shared.join(',') }, ...own]
}

/** The answers as one. */
export function mergeFacets(answers: readonly FacetsAnswer[]): FacetsAnswer['facets'] {
  return Object.assign({}, ...answers.map((answer) => answer.facets)) as FacetsAnswer['facets']
}
