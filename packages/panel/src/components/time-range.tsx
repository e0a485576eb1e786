import { useState } from 'preact/hooks'
import { describeRange, isRelative, resolveTime, TIME_PRESETS } from '../format/time-range.ts'
import { fromInputValue, toInputValue } from '../format/time.ts'
import { setFilters, view } from '../state/location.ts'
import { zone } from '../state/preferences.ts'
import { Dropdown } from './dropdown.tsx'
import { Icon } from './icon.tsx'

/** The range of time: presets that move with the clock, or two instants. */
export function TimeRangePicker() {
  const { from, to } = view.value
  const range = { from, to }
  return (
    <Dropdown
      class="time-range"
      name="Time range"
      label={
        <>
          <Icon name="clock" />
          <span class="time-range-label">{describeRange(range, zone.value)}</span>
          {!isRelative(range) && from + to !== '' ? <span class="tag">fixed</span> : null}
        </>
      }
    >
      {(close) => <TimeRangePanel close={close} />}
    </Dropdown>
  )
}

function TimeRangePanel({ close }: { readonly close: () => void }) {
  const { from, to } = view.value
  const nowMs = Date.now()
  const inputOf = (text: string): string => {
    const ms = resolveTime(text, nowMs)
    // Whole seconds: an input with milliseconds is three times as wide and nobody types them.
    return ms === undefined ? '' : toInputValue(Math.floor(ms / 1000) * 1000, zone.value)
  }
  const [start, setStart] = useState(inputOf(from))
  const [end, setEnd] = useState(inputOf(to))
  const [fault, setFault] = useState('')

  const choose = (range: { from: string; to: string }): void => {
    setFilters({ from: range.from, to: range.to })
    close()
  }
  const apply = (event: Event): void => {
    event.preventDefault()
    const startMs = fromInputValue(start, zone.value)
    const endMs = fromInputValue(end, zone.value)
    if (startMs === undefined && endMs === undefined) return setFault('Give at least one of the two times.')
    if (startMs !== undefined && endMs !== undefined && startMs >= endMs) {
      return setFault('From must be earlier than To.')
    }
    choose({
      from: startMs === undefined ? '' : new Date(startMs).toISOString(),
      to: endMs === undefined ? '' : new Date(endMs).toISOString(),
    })
  }
  return (
    <>
      <div class="presets">
        {TIME_PRESETS.map((preset) => (
          <button
            key={preset.label}
            type="button"
            class="preset"
            aria-pressed={preset.from === from && preset.to === to}
            onClick={() => choose(preset)}
          >
            {preset.label}
          </button>
        ))}
      </div>
      <form class="custom-range" onSubmit={apply}>
        <label>
          From
          <input
            type="datetime-local"
            step="1"
            value={start}
            onInput={(event) => setStart(event.currentTarget.value)}
          />
        </label>
        <label>
          To
          <input
            type="datetime-local"
            step="1"
            value={end}
            onInput={(event) => setEnd(event.currentTarget.value)}
          />
        </label>
        <p class="fault" role="alert">
          {fault}
        </p>
        <div class="custom-range-foot">
          <ZoneSwitch />
          <button type="submit" class="button primary">
            Apply
          </button>
        </div>
      </form>
    </>
  )
}

/** Local time or UTC, for the whole screen. */
export function ZoneSwitch() {
  return (
    <div class="segments" role="group" aria-label="Times are shown in">
      {(['local', 'utc'] as const).map((choice) => (
        <button
          key={choice}
          type="button"
          aria-pressed={zone.value === choice}
          onClick={() => {
            zone.value = choice
          }}
        >
          {choice === 'utc' ? 'UTC' : 'Local'}
        </button>
      ))}
    </div>
  )
}
