import type { ComponentChildren } from 'preact'
import { formatAgo } from '../format/time.ts'
import { now } from '../state/clock.ts'
import { PAGE_TITLES, view } from '../state/location.ts'
import { isPageLoading, pageLoadedAtMs, pageProblem } from '../state/page-answers.ts'
import { ProblemBanner } from './problem-state.tsx'

/** What the pages beside the log have in common: title, age of the answer, what went wrong, loading. */
export function PageFrame(props: {
  /** What the page says in one sentence. */
  readonly summary?: ComponentChildren
  /** What it is narrowed by. */
  readonly controls?: ComponentChildren
  /** Null while there is no answer. */
  readonly children: ComponentChildren | null
}) {
  const loadedAtMs = pageLoadedAtMs.value
  return (
    <main
      class="main page"
      aria-busy={isPageLoading.value}
      data-stale={pageProblem.value !== null || undefined}
    >
      <div class="page-content">
        <div class="page-head">
          <h2>{PAGE_TITLES[view.value.page]}</h2>
          <p class="page-summary" role="status">
            {props.summary}
          </p>
          {loadedAtMs === null ? null : <span class="hint">{formatAgo(loadedAtMs, now.value)}</span>}
        </div>
        {props.controls}
        <ProblemBanner />
        {props.children ?? (
          <p class="state hint">
            {isPageLoading.value ? 'Loading …' : 'Nothing to show until the question can be answered.'}
          </p>
        )}
      </div>
    </main>
  )
}

/** A part of a page under a heading of its own. */
export function PagePart(props: {
  readonly title: string
  readonly tools?: ComponentChildren
  readonly children: ComponentChildren
}) {
  return (
    <section class="page-part">
      <header class="page-part-head">
        <h3>{props.title}</h3>
        {props.tools}
      </header>
      {props.children}
    </section>
  )
}

/** What the colours of a chart mean. */
export function Legend({
  items,
}: {
  readonly items: readonly { readonly fill: string; readonly label: string; readonly isLine?: boolean }[]
}) {
  return (
    <ul class="legend">
      {items.map(({ fill, label, isLine }) => (
        <li key={label}>
          <svg class={`swatch ${fill}`} viewBox="0 0 10 10" aria-hidden="true">
            <rect y={isLine === true ? 4 : 0} width="10" height={isLine === true ? 2.5 : 10} rx="1.5" />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  )
}
