import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Icon } from './icon.tsx'

/** A modal dialog: the browser keeps the focus inside, closes on Escape, and gives the focus back. */
export function Dialog(props: {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
  /** `sheet` fills the height at the side of the screen. */
  readonly kind?: 'window' | 'sheet'
}) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={ref}
      class={`dialog ${props.kind ?? 'window'}`}
      aria-labelledby="dialog-title"
      onClose={props.onClose}
      onClick={(event) => {
        // The backdrop belongs to the dialog element itself; its content fills the rest.
        if (event.target === ref.current) props.onClose()
      }}
    >
      <div class="dialog-content">
        <div class="dialog-head">
          <h2 id="dialog-title">{props.title}</h2>
          <button
            type="button"
            class="button bare"
            aria-label="Close"
            title="Close (Escape)"
            onClick={props.onClose}
          >
            <Icon name="close" />
          </button>
        </div>
        {props.children}
      </div>
    </dialog>
  )
}
