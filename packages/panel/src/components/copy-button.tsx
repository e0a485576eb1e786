import { useEffect, useState } from 'preact/hooks'
import { announce } from '../state/announce.ts'
import { copyText } from '../format/clipboard.ts'
import { Icon, type IconName } from './icon.tsx'

/** Copies what `text` returns when pressed, and says whether that worked. */
export function CopyButton(props: {
  readonly text: () => string
  /** What is copied, `JSON`. */
  readonly what: string
  readonly icon?: IconName
  /** Shows the sign only; the name is still announced. */
  readonly isBare?: boolean
}) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null)
  useEffect(() => {
    if (outcome === null) return
    const timer = setTimeout(() => setOutcome(null), 2000)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = async (): Promise<void> => {
    const isCopied = await copyText(props.text())
    setOutcome(isCopied ? 'copied' : 'failed')
    announce(
      isCopied
        ? `${props.what} copied`
        : `${props.what} could not be copied: select the text and copy it by hand`,
    )
  }
  const label = outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Not copied' : `Copy ${props.what}`
  return (
    <button
      type="button"
      class={props.isBare === true ? 'button bare' : 'button quiet'}
      data-outcome={outcome ?? undefined}
      title={props.isBare === true ? label : undefined}
      aria-label={label}
      onClick={() => void copy()}
    >
      <Icon name={props.icon ?? 'copy'} />
      {props.isBare === true ? null : label}
    </button>
  )
}
