import type { BaseFields, EncodedFields } from './encoded-fields.ts'

/**
 * Fields that many lines share, of a context or a logger. They are copied when bound, so changing the object afterwards
 * changes nothing, and encoded at the first line that needs them, for all further ones.
 */
export interface BoundFields {
  readonly fields: Readonly<Record<string, unknown>>
  /**
   * The outermost context around this one; undefined for that itself. Set by LogContext only. Not the next outer one: contexts
   * that nest without end (a timer that sets itself again) would never be freed.
   */
  outermost?: BoundFields
  /** The encoded fields and for whom: another setup may redact otherwise. Written by the pipeline only. */
  encoded: { readonly by: object; readonly fields: EncodedFields } | undefined
  /** The same behind the resource and before the fields of the logger that needed them last. Written by the pipeline only. */
  base:
    { readonly by: object; readonly inner: BoundFields | undefined; readonly fields: BaseFields } | undefined
}

/** The outer fields and more; the new ones win. Never throws: what cannot be read is left out but said. */
export function extendFields(outer: BoundFields | undefined, fields: object): BoundFields {
  try {
    // Spread copies a key named __proto__ as a plain key; it never sets a prototype.
    const all: Record<string, unknown> = { ...outer?.fields, ...fields }
    return { fields: Object.freeze(idsFirst(all)), encoded: undefined, base: undefined }
  } catch {
    // A getter or proxy that throws.
    return {
      fields: Object.freeze({ ...outer?.fields, fields: '[unreadable]' }),
      encoded: undefined,
      base: undefined,
    }
  }
}

/** Whom and what a line is about stands at its beginning, where people look for it, however the contexts nest. */
function idsFirst(fields: Record<string, unknown>): Record<string, unknown> {
  const ids: Record<string, unknown> = {}
  for (const id of ['user_id', 'job_id']) if (Object.hasOwn(fields, id)) ids[id] = fields[id]
  return { ...ids, ...fields }
}
