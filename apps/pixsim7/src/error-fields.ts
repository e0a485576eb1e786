/** The fields of a record that tells of something thrown: its class, to count and filter by, and the error with stack and causes. */
export function errorFields(error: unknown): { readonly error_type: string; readonly error: unknown } {
  return { error_type: error instanceof Error ? error.name : typeof error, error }
}
