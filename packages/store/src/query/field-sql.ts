import { sqlString } from '../sql/literal.ts'

/*
 * Which SQL answers for a field of an entry: the one place that knows which fields have columns. All others are in the
 * JSON text of the column `fields`.
 */

/** An expression of a field's value. */
export interface PresentSql {
  readonly sql: string
  /** The condition that an entry has the field. */
  readonly present: string
}

/** What stands for a field in SQL, by how it is compared. */
export type FieldSql =
  | { readonly kind: 'level' | 'time'; readonly sql: string }
  /** Text in which words are searched; has a text index on its lower-case form. */
  | ({ readonly kind: 'prose' } & PresentSql)
  | ({ readonly kind: 'text' | 'number' } & PresentSql)
  /** `sql` is the text of a single value, or the JSON text of a list or object; `''` when there is none. */
  | ({
      readonly kind: 'json'
      /** The items of a list as texts; empty for anything else. */
      readonly items: string
      /** Holds wherever the field is present, and costs less to know. */
      readonly hint: string
    } & PresentSql)

const COLUMNS: Readonly<Record<string, FieldSql>> = {
  level: { kind: 'level', sql: 'level' },
  timestamp: { kind: 'time', sql: 'timestamp' },
  message: { kind: 'prose', sql: 'message', present: '1' },
  exception: { kind: 'prose', sql: 'exception', present: "exception != ''" },
  component: { kind: 'text', sql: 'component', present: '1' },
  file: { kind: 'text', sql: 'file_name', present: '1' },
  logger: { kind: 'text', sql: 'logger', present: '1' },
  module: optionalText('module'),
  function: optionalText('function'),
  line: { kind: 'number', sql: 'line', present: 'line != 0' },
  service: optionalText('service'),
  host: optionalText('host'),
  user_id: id('user_id', 0),
  job_id: id('job_id', 2),
  request_id: id('request_id', 4),
}

function optionalText(column: string): FieldSql {
  return { kind: 'text', sql: column, present: `${column} != ''` }
}

/** `shift`: see `id_types` in row.ts. */
function id(column: string, shift: number): FieldSql {
  return { kind: 'text', sql: column, present: `bitAnd(id_types, ${3 << shift}) != 0` }
}

/** Where words are searched that name no field. */
export const PROSE: readonly PresentSql[] = [
  { sql: 'message', present: '1' },
  { sql: 'exception', present: "exception != ''" },
  { sql: 'logger', present: '1' },
]

/**
 * The SQL of a field by its name. A name with dots is a key as it stands, else the way through nested objects:
 * `http.method` is `{"http.method":…}` or `{"http":{"method":…}}`.
 */
export function fieldSql(field: string): FieldSql {
  const column = Object.hasOwn(COLUMNS, field) ? COLUMNS[field] : undefined
  if (column !== undefined) return column
  const sql = extractSql('JSONExtractString', field)
  return {
    kind: 'json',
    sql,
    // The text of an empty one and of none are the same; most are neither.
    present: `(${sql} != '' OR ${extractSql('JSONExtractRaw', field)} NOT IN ('', 'null'))`,
    items: extractSql('JSONExtract', field, ", 'Array(String)'"),
    hint: keyHint(field),
  }
}

function extractSql(extract: string, field: string, type = ''): string {
  const whole = `${extract}(fields, ${sqlString(field)}${type})`
  const path = field.split('.')
  if (path.length === 1) return whole
  return `if(JSONHas(fields, ${sqlString(field)}), ${whole}, ${extract}(fields, ${path.map(sqlString).join(', ')}${type}))`
}

/** Looking for the key's text is many times faster than taking JSON apart, and most rows do not have the field. */
function keyHint(field: string): string {
  const last = field.slice(field.lastIndexOf('.') + 1)
  return `position(fields, ${sqlString(`${JSON.stringify(last).slice(1)}:`)}) > 0`
}
