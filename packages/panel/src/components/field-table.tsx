import { useState } from 'preact/hooks'
import type { DetailField } from '../format/entry.ts'
import { CELL_LIMIT, visibleText } from '../format/visible-text.ts'
import { setFilters } from '../state/location.ts'
import { CopyButton } from './copy-button.tsx'
import { Icon } from './icon.tsx'
import { LogText } from './log-text.tsx'

/** All fields of an entry, each value with copy and, where the log can be asked for it, its filter. */
export function FieldTable({ fields }: { readonly fields: readonly DetailField[] }) {
  return (
    <table class="fields">
      <caption class="visually-hidden">Fields</caption>
      <tbody>
        {fields.map((field) => (
          <FieldRow key={field.name} field={field} />
        ))}
      </tbody>
    </table>
  )
}

function FieldRow({ field }: { readonly field: DetailField }) {
  const [isWhole, setWhole] = useState(false)
  const { name, value, filter } = field
  const isCut = value.length > CELL_LIMIT && !isWhole
  const shown = isCut ? value.slice(0, CELL_LIMIT) : value
  const title = visibleText(`Show only ${name} ${value.slice(0, 100)}`)
  return (
    <tr data-name={name}>
      <th scope="row">{visibleText(name)}</th>
      <td class="field-value">
        {filter === undefined ? (
          <LogText text={shown} />
        ) : (
          <button
            type="button"
            class="value-link"
            title={title}
            onClick={() => setFilters(filter, { keepsEntry: true })}
          >
            <LogText text={shown} />
          </button>
        )}
        {isCut ? (
          <button type="button" class="button quiet" onClick={() => setWhole(true)}>
            … show all {value.length.toLocaleString('en-US')} characters
          </button>
        ) : null}
      </td>
      <td class="field-actions">
        {filter === undefined ? null : (
          <button
            type="button"
            class="button bare"
            aria-label={title}
            title={title}
            onClick={() => setFilters(filter, { keepsEntry: true })}
          >
            <Icon name="filter" />
          </button>
        )}
        <CopyButton what={visibleText(name)} text={() => value} isBare />
      </td>
    </tr>
  )
}
