import type { StorageAnswer } from '@pixsim7/protocol/client'
import { formatBytes, formatCount } from '../format/number.ts'
import { projectionRows, type Projection } from '../format/storage-days.ts'
import { visibleText } from '../format/visible-text.ts'
import { PagePart } from './page-frame.tsx'
import { logView, ViewLink } from './view-link.tsx'

const ENVIRONMENTS: readonly Projection['environment'][] = ['development', 'staging', 'production']

/** What the files of each component come to in each environment, beside what the specification expects. */
export function ProjectionTable({ answer }: { readonly answer: StorageAnswer }) {
  const rows = projectionRows(answer)
  const present = ENVIRONMENTS.filter((name) => rows.some((row) => row.environments.has(name)))
  if (rows.length === 0) {
    return (
      <PagePart title="Projection">
        <p class="hint">A projection needs one full day of lines.</p>
      </PagePart>
    )
  }
  const sum = (pick: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0)
  return (
    <PagePart title="Projection">
      <p class="hint">
        What the files take, uncompressed, once the retention of each environment is full. Written a day: the
        mean of the last full days, or today so far while there is none. Expected: what the specification
        estimates.
      </p>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Projection">
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Component</th>
              <th scope="col" class="number">
                Written a day
              </th>
              <th scope="col" class="number">
                Expected a day
              </th>
              {present.map((name) => (
                <th
                  key={name}
                  scope="col"
                  class="number"
                  data-present={answer.retention.environment === name || undefined}
                >
                  {name}
                  {answer.retention.environment === name ? ' (here)' : ''}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.component}>
                <th scope="row">{visibleText(row.component)}</th>
                <td class="number">{formatBytes(row.bytesPerDay)}</td>
                <td class="number">
                  {row.estimate === null
                    ? ''
                    : `${formatBytes(row.estimate.low)} – ${formatBytes(row.estimate.high)}`}
                </td>
                {present.map((name) => {
                  const item = row.environments.get(name)
                  return (
                    <td key={name} class="number">
                      {item === undefined ? null : (
                        <>
                          {formatBytes(item.bytes)} <span class="hint">in {item.retention_days} d</span>
                        </>
                      )}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Together</th>
              <td class="number">{formatBytes(sum((row) => row.bytesPerDay))}</td>
              <td class="number">
                {`${formatBytes(sum((row) => row.estimate?.low ?? 0))} – ${formatBytes(sum((row) => row.estimate?.high ?? 0))}`}
              </td>
              {present.map((name) => (
                <td key={name} class="number">
                  {formatBytes(sum((row) => row.environments.get(name)?.bytes ?? 0))}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
    </PagePart>
  )
}

/** The log files of each component as they lie on disk. */
export function FilesTable({ answer }: { readonly answer: StorageAnswer }) {
  return (
    <PagePart title="Files on disk">
      {answer.components.length === 0 ? (
        <p class="hint">No file is followed yet (setting LOGS_FILES).</p>
      ) : (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Files on disk">
          <table class="figures">
            <thead>
              <tr>
                <th scope="col">Component</th>
                <th scope="col" class="number">
                  Files, archives included
                </th>
                <th scope="col" class="number">
                  Size
                </th>
              </tr>
            </thead>
            <tbody>
              {answer.components.map(({ component, files, file_bytes: bytes }) => (
                <tr key={component}>
                  <th scope="row">
                    <ViewLink view={logView({ components: [component] })} title="Show its log">
                      {visibleText(component)}
                    </ViewLink>
                  </th>
                  <td class="number">{formatCount(files)}</td>
                  <td class="number">{formatBytes(bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </PagePart>
  )
}
