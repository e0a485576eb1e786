import type { Level } from '@pixsim7/record'
import { LEVELS_HIGH_FIRST } from '../format/level.ts'
import { formatCount, formatShortCount } from '../format/number.ts'
import { visibleText } from '../format/visible-text.ts'
import { endTyping, setFilters, view } from '../state/location.ts'
import { facetsLoader } from '../state/queries.ts'
import { ID_FIELDS, loggerPattern, type IdField } from '../state/view.ts'
import { LevelMark } from './level-mark.tsx'
import { useDraft } from './use-draft.ts'

const TYPING_DELAY_MS = 350
/** Loggers listed below the input; the input's own suggestions hold all of them. */
const LISTED_LOGGERS = 10
/** As many values as the log server gives of one field: a list this long is not known to be complete. */
const MOST_VALUES = 100
const ID_LABELS: Readonly<Record<IdField, string>> = {
  user_id: 'User ID',
  job_id: 'Job ID',
  request_id: 'Request ID',
}

interface Value {
  readonly value: string
  readonly count: number
}

function facet(field: string): readonly Value[] {
  return facetsLoader.loaded.value?.value[field] ?? []
}

/** All filters but search and time; `prefix` keeps ids apart when it is on the page twice. */
export function FilterPanel({ prefix }: { readonly prefix: string }) {
  return (
    <div class="filters">
      <LevelFilter />
      <ComponentFilter />
      <LoggerFilter prefix={prefix} />
      <fieldset class="filter-group">
        <legend>Ids</legend>
        {ID_FIELDS.map((field) => (
          <IdFilter key={field} field={field} prefix={prefix} />
        ))}
      </fieldset>
    </div>
  )
}

function toggled<T>(list: readonly T[], item: T): readonly T[] {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item]
}

function LevelFilter() {
  const counts = new Map(facet('level').map(({ value, count }) => [value, count]))
  const chosen = view.value.levels
  return (
    <fieldset class="filter-group">
      <legend>Level</legend>
      {LEVELS_HIGH_FIRST.map((level: Level) => (
        <label key={level} class="choice" data-level={level}>
          <input
            type="checkbox"
            checked={chosen.includes(level)}
            onChange={() => setFilters({ levels: toggled(chosen, level) })}
          />
          <LevelMark level={level} />
          <Count count={counts.get(level) ?? (counts.size > 0 ? 0 : undefined)} />
        </label>
      ))}
    </fieldset>
  )
}

function ComponentFilter() {
  const chosen = view.value.components
  const values = facet('component')
  // A chosen component stays in the list even when nothing of it matches now: it must be possible to let it go.
  const missing = chosen
    .filter((name) => !values.some(({ value }) => value === name))
    .map((value) => ({ value, count: 0 }))
  return (
    <fieldset class="filter-group">
      <legend>Component</legend>
      {[...values, ...missing].map(({ value, count }) => (
        <label key={value} class="choice" data-component={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={() => setFilters({ components: toggled(chosen, value) })}
          />
          <span class="choice-name" title={visibleText(value)}>
            {visibleText(value)}
          </span>
          <Count count={count} />
        </label>
      ))}
      {values.length + missing.length === 0 ? <p class="hint">None in this result</p> : null}
    </fieldset>
  )
}

function LoggerFilter({ prefix }: { readonly prefix: string }) {
  const values = facet('logger')
  const known = values.map(({ value }) => value)
  const draft = useDraft(
    view.value.logger,
    (text, isDone) => {
      const logger = loggerPattern(text, known)
      if (logger !== view.value.logger) setFilters({ logger }, { reason: 'typing logger' })
      if (isDone) endTyping()
      return logger
    },
    TYPING_DELAY_MS,
  )
  return (
    <fieldset class="filter-group">
      <legend>Logger</legend>
      <label class="visually-hidden" for={`${prefix}-logger`}>
        Logger name or pattern with *
      </label>
      <input
        id={`${prefix}-logger`}
        class="text-input"
        list={`${prefix}-loggers`}
        placeholder="name, or job* pattern"
        autocomplete="off"
        spellcheck={false}
        maxLength={256}
        value={draft.text}
        onInput={(event) => draft.onInput(event.currentTarget.value)}
        onKeyDown={draft.onKeyDown}
        onBlur={draft.onBlur}
      />
      <datalist id={`${prefix}-loggers`}>
        {values.map(({ value, count }) => (
          <option key={value} value={value} label={`${visibleText(value)} (${formatCount(count)})`} />
        ))}
      </datalist>
      <div class="values">
        {values.slice(0, LISTED_LOGGERS).map(({ value, count }) => (
          <button
            key={value}
            type="button"
            class="value"
            aria-pressed={view.value.logger === value}
            title={visibleText(value)}
            onClick={() => setFilters({ logger: view.value.logger === value ? '' : value })}
          >
            <span class="choice-name">{visibleText(value)}</span>
            <Count count={count} />
          </button>
        ))}
      </div>
      {values.length >= MOST_VALUES ? (
        <p class="hint">The {MOST_VALUES} most frequent are suggested; others can be typed</p>
      ) : values.length > LISTED_LOGGERS ? (
        <p class="hint">{formatCount(values.length - LISTED_LOGGERS)} more: type a name above</p>
      ) : null}
    </fieldset>
  )
}

function IdFilter({ field, prefix }: { readonly field: IdField; readonly prefix: string }) {
  const draft = useDraft(
    view.value[field],
    (text, isDone) => {
      const id = text.trim()
      if (id !== view.value[field]) setFilters({ [field]: id }, { reason: `typing ${field}` })
      if (isDone) endTyping()
      return id
    },
    TYPING_DELAY_MS,
  )
  return (
    <label class="id-input">
      <span>{ID_LABELS[field]}</span>
      <input
        id={`${prefix}-${field}`}
        class="text-input"
        autocomplete="off"
        spellcheck={false}
        maxLength={256}
        value={draft.text}
        onInput={(event) => draft.onInput(event.currentTarget.value)}
        onKeyDown={draft.onKeyDown}
        onBlur={draft.onBlur}
      />
    </label>
  )
}

function Count({ count }: { readonly count: number | undefined }) {
  if (count === undefined) return null
  return (
    <span class="count" title={formatCount(count)}>
      {formatShortCount(count)}
    </span>
  )
}
