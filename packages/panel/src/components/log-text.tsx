import { splitMatches, visibleParts } from '../format/visible-text.ts'

/**
 * Text from the log: text nodes only, with characters that would not show (or would move what stands beside them) drawn
 * as signs, and what the search found marked.
 */
export function LogText({ text, marks = null }: { readonly text: string; readonly marks?: RegExp | null }) {
  const pieces = splitMatches(text, marks)
  return (
    <>
      {pieces.map(({ text: piece, isMatch }, index) =>
        isMatch ? (
          <mark key={index}>
            <Visible text={piece} />
          </mark>
        ) : (
          <Visible key={index} text={piece} />
        ),
      )}
    </>
  )
}

function Visible({ text }: { readonly text: string }) {
  return (
    <>
      {visibleParts(text).map((part, index) =>
        part.codePoint === undefined ? (
          part.text
        ) : (
          <span key={index} class="control" title={part.codePoint}>
            {part.text}
          </span>
        ),
      )}
    </>
  )
}
