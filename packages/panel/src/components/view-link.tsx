import type { ComponentChildren } from 'preact'
import { showView } from '../state/location.ts'
import { DEFAULT_VIEW, type View } from '../state/view.ts'
import { addressOf } from '../state/view-url.ts'

/** The log narrowed to these conditions. */
export function logView(part: Partial<View>): View {
  return { ...DEFAULT_VIEW, ...part }
}

/** A link to a view of the panel: a press shows it without loading the page anew; a new tab and copying work as always. */
export function ViewLink(props: {
  readonly view: View
  readonly children: ComponentChildren
  readonly class?: string
  readonly label?: string
  readonly title?: string
  readonly isCurrent?: boolean
}) {
  return (
    <a
      class={props.class}
      href={addressOf(props.view)}
      aria-label={props.label}
      title={props.title}
      aria-current={props.isCurrent === true ? 'page' : undefined}
      onClick={(event) => {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        showView(props.view)
      }}
    >
      {props.children}
    </a>
  )
}
