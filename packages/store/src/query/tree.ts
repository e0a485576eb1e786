/**
 * What a query means. Plain data: the parser makes it, the printer writes it, the compiler turns it into SQL, and
 * `matches` decides it for one entry.
 */
export type QueryTree =
  /** Every entry. */
  | { readonly kind: 'all' }
  /** Two parts or more. */
  | { readonly kind: 'and' | 'or'; readonly parts: readonly QueryTree[] }
  | { readonly kind: 'not'; readonly part: QueryTree }
  | QueryMatch

/** A test of one field; `field: null` tests message, exception and logger, and one of them is enough. */
export interface QueryMatch {
  readonly kind: 'match'
  readonly field: string | null
  readonly test: QueryTest
}

/**
 * Prose (message, exception, and the logger when no field is named) is searched for whole words, whatever their case;
 * any other field is compared as a whole, case included.
 */
export type QueryTest =
  /** The text, in prose between ends of words; elsewhere the whole value. A level stands under its own name. */
  | { readonly kind: 'is'; readonly text: string }
  /** Literal texts with a `*` between each two; only the first and the last may be empty, and not both of two. */
  | { readonly kind: 'like'; readonly parts: readonly string[] }
  | { readonly kind: 'present' }
  | { readonly kind: 'compare'; readonly sign: QuerySign; readonly value: QueryBound }
  /** Both ends included; null is open. At least one is not null. */
  | { readonly kind: 'range'; readonly from: QueryBound | null; readonly to: QueryBound | null }
  /** In the dialect of regex.ts. */
  | { readonly kind: 'regex'; readonly source: string; readonly ignoresCase: boolean }

export type QuerySign = '>' | '>=' | '<' | '<='

/** A number in the field's own unit; for `level` the name of a level, for `timestamp` a time as records write it. */
export type QueryBound = number | string

/** A text that is searched in any part of message or exception: what becomes of a query that does not parse. */
export function textTree(text: string): QueryTree {
  const test = { kind: 'like', parts: ['', text, ''] } as const
  return {
    kind: 'or',
    parts: [
      { kind: 'match', field: 'message', test },
      { kind: 'match', field: 'exception', test },
    ],
  }
}
