/** Longest query, in UTF-16 code units: what an address of the log server holds. */
export const MAX_QUERY_LENGTH = 8192

/** Tests in a query. A question of this many still takes the engine well under a second of planning. */
export const MAX_QUERY_TERMS = 200

/** Parentheses and negations inside one another. */
export const MAX_QUERY_DEPTH = 50

/** Length of a field's name, dots included. */
export const MAX_FIELD_LENGTH = 128

/** Length of a regular expression. */
export const MAX_REGEX_LENGTH = 500

/** Wildcards in one word. */
export const MAX_WILDCARDS = 20
