import { stackLineKind } from '../format/stack.ts'
import { CopyButton } from './copy-button.tsx'
import { LogText } from './log-text.tsx'

/** Lines drawn at first: a runaway recursion brings thousands, and its first lines tell the story. */
const FIRST_LINES = 400

/** The exception with its stack and causes; the application's own frames stand out. */
export function StackTrace({
  exception,
  marks,
}: {
  readonly exception: string
  readonly marks: RegExp | null
}) {
  const lines = exception.split('\n')
  const hidden = lines.length - FIRST_LINES
  return (
    <section class="stack" aria-label="Exception">
      <header class="part-head">
        <h2>Exception</h2>
        <CopyButton what="exception" text={() => exception} />
      </header>
      <pre tabIndex={0} role="region" aria-label="Stack trace">
        {lines.slice(0, FIRST_LINES).map((line, index) => (
          <span key={index} class={`stack-line ${stackLineKind(line)}`}>
            <LogText text={line} marks={marks} />
            {'\n'}
          </span>
        ))}
        {hidden > 0 ? <span class="hint">… {hidden} more lines: copy the exception to see them</span> : null}
      </pre>
    </section>
  )
}
