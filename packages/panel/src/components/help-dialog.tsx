import { shortcuts } from '../state/preferences.ts'
import { Dialog } from './dialog.tsx'

const KEYS: readonly (readonly [string, readonly string[]])[] = [
  ['Next, previous row', ['j', '↓', 'k', '↑']],
  ['Ten rows on, back', ['PageDown', 'PageUp']],
  ['First, last row of the page', ['g', 'Home', 'G', 'End']],
  ['Open or close the entry', ['Enter', 'l', 'h']],
  ['Next, previous error', ['e', 'E']],
  ['Next, previous warning', ['w', 'W']],
  ['Next, previous page', [']', '[']],
  ['Search', ['/']],
  ['Clear the search, close the entry, leave the list', ['Escape']],
  ['This help', ['?']],
]

const QUERIES: readonly (readonly [string, readonly string[]])[] = [
  ['Both words, whatever their case', ['timeout pixverse']],
  ['A phrase; without a word; one or the other', ['"job failed"', '-retry', 'timeout OR refused']],
  ['Part of a word, its beginning', ['*imeou*', 'auth*']],
  ['The value of a field; any value', ['path:/api/v1/jobs', 'error_type:*']],
  ['Numbers and levels', ['duration_ms:>500', 'status_code:[500 TO 599]', 'level>=warning']],
  ['Expression', ['/job \\d+ failed/']],
]

/** What can be searched for, and what the keys do. */
export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Help" onClose={onClose}>
      <h3>Search</h3>
      <p class="hint">
        Words are found as whole words in message, exception and logger. Where that finds nothing, they are
        shown as parts of words.
      </p>
      <dl class="keys">
        {QUERIES.map(([meaning, examples]) => (
          <div key={meaning}>
            <dt>{meaning}</dt>
            <dd class="examples">
              {examples.map((example) => (
                <code key={example}>{example}</code>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <h3>Keys</h3>
      <dl class="keys">
        {KEYS.map(([action, keys]) => (
          <div key={action}>
            <dt>{action}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p class="hint">
        Letters act while a row of the list has the focus: press Tab until it has, or click a row. In the
        histogram arrows move, Shift with arrows widens the choice, Enter zooms in.
      </p>
      <label class="choice">
        <input
          type="checkbox"
          checked={shortcuts.value === 'on'}
          onChange={(event) => {
            shortcuts.value = event.currentTarget.checked ? 'on' : 'off'
          }}
        />
        Single keys act (arrows, Enter and Escape always do)
      </label>
    </Dialog>
  )
}
