/** The fields of a record that tells of something thrown: its kind, to count and filter by, and the error with stack and causes. */
export function errorFields(error: unknown): { readonly error_type: string; readonly error: unknown } {
  if (!(error instanceof Error)) return { error_type: typeof error, error }
  // The database driver calls all its errors `error`; their class says more.
  const isNamed = error.name.toLowerCase() !== 'error'
  return { error_type: isNamed ? error.name : error.constructor.name, error }
}
