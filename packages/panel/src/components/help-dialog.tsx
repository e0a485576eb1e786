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

/** What the keys do. */
export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
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
