/** Why a query cannot be taken as it stands. */
export interface QueryProblem {
  /** What was wrong and what to do, in one or two sentences. */
  readonly message: string
  /** Where, in UTF-16 code units of the query. */
  readonly offset: number
}

/** Thrown and caught inside this folder only: how the parser gives up. `isTooLarge`: not even to be searched as text. */
export class QueryParseError extends Error {
  override readonly name = 'QueryParseError'
  readonly offset: number
  readonly isTooLarge: boolean

  constructor(message: string, offset: number, isTooLarge = false) {
    super(message)
    this.offset = offset
    this.isTooLarge = isTooLarge
  }
}
