import type { RatePoint } from '../format/request-rate.ts'
import { formatCount, formatDuration } from '../format/number.ts'
import { formatInstant } from '../format/time.ts'
import { zone } from '../state/preferences.ts'

/** The chart of requests as a table, for those who do not see it; intervals without requests are left out. */
export function RateTable({ points }: { readonly points: readonly RatePoint[] }) {
  return (
    <table>
      <caption>Requests over time</caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Requests</th>
          <th scope="col">Client errors</th>
          <th scope="col">Server errors</th>
          <th scope="col">Median</th>
          <th scope="col">p95</th>
        </tr>
      </thead>
      <tbody>
        {points
          .filter((point) => point.requests > 0)
          .map((point) => (
            <tr key={point.startMs}>
              <th scope="row">{formatInstant(point.startMs, zone.value)}</th>
              <td>{formatCount(point.requests)}</td>
              <td>{formatCount(point.clientErrors)}</td>
              <td>{formatCount(point.serverErrors)}</td>
              <td>{point.p50Ms === null ? '' : formatDuration(point.p50Ms)}</td>
              <td>{point.p95Ms === null ? '' : formatDuration(point.p95Ms)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}
