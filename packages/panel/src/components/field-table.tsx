import { useState } from 'preact/hooks'
import type { DetailField } from '../format/entry.ts'
import { CELL_LIMIT, visibleText } from '../format/visible-text.ts'
import { setFilters, view } from '../state/location.ts'
import { addTerm, negated } from '../state/query-text.ts'
import { CopyButton } from './copy-button.tsx'
import { Icon, type IconName } from './icon.tsx'
import { LogText } from './log-text.tsx'

/** All fields of an entry, each value with copy and, where the log can be asked for it, with what shows only it and what hides it. */
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

/** Narrows the view to entries with this value; the entry stays open. */
function filterFor({ filter, term }: DetailField): void {
  if (filter !== undefined) setFilters(filter, { keepsEntry: true })
  else if (term !== undefined) setFilters({ q: addTerm(view.value.q, term) }, { keepsEntry: true })
}

function FieldRow({ field }: { readonly field: DetailField }) {
  const [isWhole, setWhole] = useState(false)
  const { name, value, filter, term } = field
  const isCut = value.length > CELL_LIMIT && !isWhole
  const shown = isCut ? value.slice(0, CELL_LIMIT) : value
  const what = visibleText(
    term?.endsWith(':*') === true ? `entries with ${name}` : `${name} ${value.slice(0, 100)}`,
  )
  const canFilter = filter !== undefined || term !== undefined
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
            title={`Show only ${what}`}
            onClick={() => filterFor(field)}
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
        {canFilter ? (
          <FieldButton icon="filter" label={`Show only ${what}`} onClick={() => filterFor(field)} />
        ) : null}
        {term === undefined ? null : (
          <FieldButton
            icon="without"
            label={`Hide ${what}`}
            onClick={() => setFilters({ q: addTerm(view.value.q, negated(term)) }, { keepsEntry: true })}
          />
        )}
        <CopyButton what={visibleText(name)} text={() => value} isBare />
      </td>
    </tr>
  )
}

function FieldButton(props: {
  readonly icon: IconName
  readonly label: string
  readonly onClick: () => void
}) {
  return (
    <button
      type="button"
      class="button bare"
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  )
}
