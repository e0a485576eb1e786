import type { Bar } from '../format/histogram-scale.ts'
import { LEVELS_HIGH_FIRST } from '../format/level.ts'
import { formatCount, formatPlural } from '../format/number.ts'
import { formatInstant, type Zone } from '../format/time.ts'
import { zone } from '../state/preferences.ts'

/** `2026-11-23 22:30:00 – 22:31:00: 124 events, 2 ERROR, 122 INFO`. */
export function describeBar(bar: Bar, timeZone: Zone): string {
  const start = formatInstant(bar.startMs, timeZone)
  const end = formatInstant(bar.endMs, timeZone)
  const until = start.slice(0, 10) === end.slice(0, 10) ? end.slice(11) : end
  const levels = LEVELS_HIGH_FIRST.flatMap((level) => {
    const count = bar.counts[level] ?? 0
    return count === 0 ? [] : [`${formatCount(count)} ${level}`]
  })
  return [`${start} – ${until}: ${formatPlural(bar.total, 'event')}`, ...levels].join(', ')
}

/** The histogram's figures as a table, for those who do not see it; empty intervals are left out. */
export function HistogramTable({ bars }: { readonly bars: readonly Bar[] }) {
  const filled = bars.filter((bar) => bar.total > 0)
  return (
    <table>
      <caption>Events over time by level</caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Events</th>
          {LEVELS_HIGH_FIRST.map((level) => (
            <th key={level} scope="col">
              {level}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {filled.map((bar) => (
          <tr key={bar.startMs}>
            <th scope="row">{formatInstant(bar.startMs, zone.value)}</th>
            <td>{formatCount(bar.total)}</td>
            {LEVELS_HIGH_FIRST.map((level) => (
              <td key={level}>{formatCount(bar.counts[level] ?? 0)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
