import { extendFields, type BoundFields } from './bound-fields.ts'

/** Where @opentelemetry/api 1.x, whichever copy of it, keeps what the application registered. */
const API = Symbol.for('opentelemetry.js.api.1')
/** The key of the active span in a context of it: createContextKey makes registered symbols of its names. */
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN')

/** The part of the API that is used, all of it unsure: another version may lack any of it. */
interface OpenTelemetry {
  readonly context?: { active?(): { getValue?(key: symbol): ActiveSpan | undefined } | undefined }
}

interface ActiveSpan {
  spanContext?(): { readonly traceId?: unknown; readonly spanId?: unknown } | undefined
}

const VALID_TRACE_ID = /^(?!0+$)[\da-f]{32}$/
const VALID_SPAN_ID = /^(?!0+$)[\da-f]{16}$/

/** What became of the context of the last line inside a span: usually the next one's too, and its fields are encoded already. */
const known = new WeakMap<ActiveSpan, { outer: BoundFields | undefined; fields: BoundFields | undefined }>()

/**
 * The context with `trace_id` and `span_id` of the span that is active in OpenTelemetry, if any; a context's own fields of these names
 * win. Nothing is imported: the API is found where it registers itself, and without it this costs one look there. Never throws.
 */
export function withTrace(context: BoundFields | undefined): BoundFields | undefined {
  const api = (globalThis as { [API]?: OpenTelemetry })[API]
  if (api === undefined) return context
  try {
    const span = api.context?.active?.()?.getValue?.(SPAN)
    if (typeof span !== 'object' || span === null) return context
    const last = known.get(span)
    if (last !== undefined && last.outer === context) return last.fields
    const fields = traced(span, context)
    known.set(span, { outer: context, fields })
    return fields
  } catch {
    // A stranger's code: a line without its trace is still a line.
    return context
  }
}

function traced(span: ActiveSpan, context: BoundFields | undefined): BoundFields | undefined {
  const { traceId, spanId } = span.spanContext?.() ?? {}
  if (typeof traceId !== 'string' || !VALID_TRACE_ID.test(traceId)) return context
  if (typeof spanId !== 'string' || !VALID_SPAN_ID.test(spanId)) return context
  return extendFields(undefined, { trace_id: traceId, span_id: spanId, ...context?.fields })
}
