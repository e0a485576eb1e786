import type { ServicesAnswer } from '@pixsim7/protocol/client'
import { formatAgo, formatInstant } from '../format/time.ts'
import { visibleText } from '../format/visible-text.ts'
import { now } from '../state/clock.ts'
import { zone } from '../state/preferences.ts'
import { servicesLoader } from '../state/statistics.ts'
import { LogText } from './log-text.tsx'
import { PageFrame } from './page-frame.tsx'
import { logView, ViewLink } from './view-link.tsx'

type Service = ServicesAnswer['services'][number]
type Status = Service['status']

/** Word and shape of each status, so that no colour has to be told from another; the worst first. */
const STATUSES: Readonly<Record<Status, { readonly word: string; readonly shape: string }>> = {
  down: {
    word: 'Down',
    shape: 'M2 1h8l1 1v8l-1 1H2l-1-1V2zM4 3 3 4l2 2-2 2 1 1 2-2 2 2 1-1-2-2 2-2-1-1-2 2z',
  },
  silent: { word: 'Silent', shape: 'M6 .8 11.8 11.2H.2z' },
  unknown: {
    word: 'Unknown',
    shape: 'M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1zm0 1.6a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 0 1 0-6.8z',
  },
  up: { word: 'Up', shape: 'M6 .8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 6 .8z' },
}
const WORST_FIRST: readonly Status[] = ['down', 'silent', 'unknown', 'up']

/** Who runs and who does not, as the log itself tells. */
export function ServicesPage() {
  const services = servicesLoader.loaded.value?.value.services
  return (
    <PageFrame summary={services === undefined ? '' : summaryOf(services)}>
      {services === undefined ? null : services.length === 0 ? (
        <NobodyYet />
      ) : (
        <ul class="services">
          {services.map((service) => (
            <li key={`${service.kind} ${service.name}`}>
              <ServiceCard service={service} />
            </li>
          ))}
        </ul>
      )}
    </PageFrame>
  )
}

/** `All 5 up`, or what is not. */
function summaryOf(services: readonly Service[]): string {
  if (services.length === 0) return ''
  if (services.every(({ status }) => status === 'up')) return `all ${services.length} up`
  return WORST_FIRST.flatMap((status) => {
    const count = services.filter((service) => service.status === status).length
    return count === 0 ? [] : [`${count} ${STATUSES[status].word.toLowerCase()}`]
  }).join(', ')
}

function NobodyYet() {
  return (
    <div class="state">
      <h3>No service has been heard of yet</h3>
      <p>
        Services tell by their log when they start and stop, and each half minute that they are alive: entries
        with the field <code>event</code>. Start one (<code>npm run backend</code>,{' '}
        <code>npm run worker</code>), and check that the log server follows its file.
      </p>
      <ViewLink class="button" view={logView({})}>
        Show the log
      </ViewLink>
    </div>
  )
}

function ServiceCard({ service }: { readonly service: Service }) {
  const { name, kind, status, detail } = service
  const isComponent = kind === 'component'
  return (
    <article class="service" data-status={status} aria-label={visibleText(name)}>
      <header class="service-head">
        <h3>{visibleText(name)}</h3>
        <span class="status" data-status={status}>
          <svg class="shape" viewBox="0 0 12 12" aria-hidden="true">
            <path d={STATUSES[status].shape} fill-rule="evenodd" />
          </svg>
          {STATUSES[status].word}
        </span>
      </header>
      {detail === null ? null : (
        <p class="service-detail">
          <LogText text={detail} />
        </p>
      )}
      <dl class="service-facts">
        <Fact name="Since" instant={service.since} without="unknown" />
        <Fact
          name={isComponent ? 'Last heartbeat' : 'Last report'}
          instant={service.last_seen}
          without="never"
        />
        {isComponent && service.instances !== 1 ? (
          <div>
            <dt>Processes</dt>
            <dd>{service.instances}</dd>
          </div>
        ) : null}
        <div>
          <dt>Told by</dt>
          <dd>{service.told_by.length === 0 ? 'nobody' : visibleText(service.told_by.join(', '))}</dd>
        </div>
      </dl>
      <p class="service-links">
        {service.entry_id === null ? null : (
          <ViewLink view={logView({ entry: service.entry_id })}>The entry that says so</ViewLink>
        )}
        <ViewLink
          view={logView(
            isComponent
              ? { components: [name] }
              : { components: [...service.told_by], q: `dependency:${name}` },
          )}
        >
          {isComponent ? 'Its log' : 'Its ups and downs'}
        </ViewLink>
      </p>
    </article>
  )
}

function Fact(props: {
  readonly name: string
  readonly instant: string | null
  /** What stands there without an instant. */
  readonly without: string
}) {
  const { name, instant } = props
  const ms = instant === null ? Number.NaN : Date.parse(instant)
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {Number.isNaN(ms) || instant === null ? (
          props.without
        ) : (
          <>
            <time dateTime={instant}>{formatInstant(Math.floor(ms / 1000) * 1000, zone.value)}</time>{' '}
            <span class="hint">{formatAgo(ms, now.value)}</span>
          </>
        )}
      </dd>
    </div>
  )
}
