/** What the launcher shows while it works: one line per service, rewritten in place on a terminal, printed one by one elsewhere. */
import type { ServiceEvent, ServiceState } from '../service.ts'

/** What the screen writes to: process.stdout, or a collecting stand-in of the same shape. */
export interface ScreenOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const SIGNS: Readonly<Record<ServiceState, string>> = {
  waiting: ' ',
  starting: '…',
  ready: '✓',
  pausing: '!',
  failed: '✗',
  stopping: '…',
  stopped: '✓',
}

function formatSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`
}

function describe(event: ServiceEvent): string {
  switch (event.state) {
    case 'waiting':
      return 'waiting'
    case 'starting':
      return 'starting …'
    case 'ready':
      return `ready in ${formatSeconds(event.tookMs)}`
    case 'pausing':
      return `${event.reason}; next attempt in ${formatSeconds(event.tookMs)}`
    case 'failed':
      return `${event.reason}; given up`
    case 'stopping':
      return 'stopping …'
    case 'stopped':
      return `stopped in ${formatSeconds(event.tookMs)}`
  }
}

/**
 * Shows the states of services. On a terminal their lines stand together and are rewritten until {@link settle}; what is
 * printed meanwhile appears above them.
 */
export class Screen {
  readonly #output: ScreenOutput
  readonly #mask: (text: string) => string
  readonly #isInPlace: boolean
  #width: number
  readonly #lines = new Map<string, string>()
  #drawnLines = 0
  /** What each service said before it died the last time. */
  readonly #lastOutput = new Map<string, string>()

  /** `mask` is applied to what other programs said. */
  constructor(
    output: ScreenOutput,
    mask: (text: string) => string,
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.#output = output
    this.#mask = mask
    this.#isInPlace = output.isTTY === true && environment['TERM'] !== 'dumb' && !environment['CI']
    this.#width = 0
  }

  /** Announces the services, in the order of their lines. */
  begin(services: readonly { readonly name: string; readonly title: string }[]): void {
    this.#width = Math.max(...services.map(({ title }) => title.length))
    this.#lines.clear()
    for (const { name, title } of services) this.#lines.set(name, this.#format('waiting', title, 'waiting'))
    this.#draw()
  }

  /** Shows a service's new state, and the last words of one that died, unless they are the same as the time before. */
  show(event: ServiceEvent): void {
    const line = this.#format(event.state, event.title, describe(event))
    const output = (event.output ?? []).map((text) => `      ${this.#mask(text)}`).join('\n')
    // Times and pids differ from one death to the next of the same cause.
    const gist = output.replaceAll(/\d+/g, '0')
    const isNew = output !== '' && gist !== this.#lastOutput.get(event.name)
    if (isNew) this.#lastOutput.set(event.name, gist)
    if (this.#isInPlace && this.#lines.has(event.name)) {
      this.#lines.set(event.name, line)
      if (isNew) this.print(`  ${event.title} ${event.reason}; its last lines:\n${output}`)
      else this.#draw()
    } else this.print(isNew ? `${line}; its last lines:\n${output}` : line)
  }

  /** Prints text of our own, above the lines that are still being rewritten. */
  print(text: string): void {
    this.#erase()
    this.#output.write(`${text}\n`)
    this.#draw()
  }

  /** Leaves the lines as they are; later events are printed one by one. */
  settle(): void {
    this.#lines.clear()
    this.#drawnLines = 0
  }

  #format(state: ServiceState, title: string, text: string): string {
    return `  ${SIGNS[state]} ${title.padEnd(this.#width)}  ${text}`
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#output.write(`\x1b[${this.#drawnLines}A\x1b[0J`)
    this.#drawnLines = 0
  }

  #draw(): void {
    if (!this.#isInPlace || this.#lines.size === 0) return
    this.#erase()
    // A line that wraps would count as two and leave a copy of itself behind at each redrawing.
    const columns = Math.max(20, (this.#output.columns || 80) - 1)
    for (const line of this.#lines.values()) this.#output.write(`${line.slice(0, columns)}\n`)
    this.#drawnLines = this.#lines.size
  }
}
