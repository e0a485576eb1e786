import { useEffect, useRef, useState } from 'preact/hooks'

export interface Draft {
  /** What the input shows. */
  readonly text: string
  readonly onInput: (text: string) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly onBlur: () => void
}

/**
 * A text input that applies itself while somebody types: after a pause of `delayMs`, at once on Enter and on leaving,
 * and empty on Escape. While typing it shows what was typed; else `value`, whoever has changed it.
 *
 * @param apply is told whether the text is done (Enter, Escape, leaving) or may still grow; returns what `value` is now
 */
export function useDraft(
  value: string,
  apply: (text: string, isDone: boolean) => string,
  delayMs: number,
): Draft {
  const [draft, setDraft] = useState<string | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const waiting = useRef<string | null>(null)
  const applied = useRef(value)

  useEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => {
    // Changed elsewhere (a pill removed, the browser's back button): the draft is history.
    if (value === applied.current) return
    applied.current = value
    if (waiting.current === null) setDraft(null)
  }, [value])

  const settle = (text: string, isDone: boolean): void => {
    clearTimeout(timer.current)
    waiting.current = null
    applied.current = apply(text, isDone)
    if (isDone) setDraft(null)
  }
  return {
    text: draft ?? value,
    onInput: (text) => {
      setDraft(text)
      waiting.current = text
      clearTimeout(timer.current)
      timer.current = setTimeout(() => settle(text, false), delayMs)
    },
    onKeyDown: (event) => {
      if (event.key === 'Enter') {
        event.preventDefault()
        settle(waiting.current ?? draft ?? value, true)
      } else if (event.key === 'Escape' && (draft ?? value) !== '') {
        event.preventDefault()
        event.stopPropagation()
        settle('', true)
      }
    },
    onBlur: () => {
      if (waiting.current !== null) settle(waiting.current, true)
      setDraft(null)
    },
  }
}
