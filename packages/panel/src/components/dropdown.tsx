import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from './icon.tsx'

/** A button with a panel below it. Escape and a press outside close the panel; the focus goes back to the button. */
export function Dropdown(props: {
  readonly label: ComponentChildren
  /** Names the button and its panel where the label alone does not. */
  readonly name: string
  readonly class?: string
  readonly children: (close: () => void) => ComponentChildren
}) {
  const [isOpen, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)

  useEffect(() => {
    if (!isOpen) return
    const onPointerDown = (event: PointerEvent): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) !== true) setOpen(false)
    }
    document.addEventListener('pointerdown', onPointerDown)
    return () => document.removeEventListener('pointerdown', onPointerDown)
  }, [isOpen])

  const close = (): void => {
    setOpen(false)
    button.current?.focus()
  }
  return (
    <div
      class={`dropdown ${props.class ?? ''}`}
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return
        event.stopPropagation()
        close()
      }}
    >
      <button
        ref={button}
        type="button"
        class="button"
        aria-expanded={isOpen}
        title={props.name}
        onClick={() => setOpen(!isOpen)}
      >
        {props.label}
        <Icon name="down" />
      </button>
      {isOpen ? (
        <div class="dropdown-panel" role="group" aria-label={props.name}>
          {props.children(close)}
        </div>
      ) : null}
    </div>
  )
}
