/** What the launcher knows about a program that it starts. Plain data, so that a test can bring a list of its own. */

/** How a started program shows that it does its work. */
export type Readiness =
  /** It prints a line that this regular expression finds; the first group, if there is one, is kept as its announcement. */
  | { readonly kind: 'line'; readonly pattern: string; readonly confirmation?: HttpReadiness }
  /** It answers. */
  | HttpReadiness

/** A GET of this address is answered with a status below 400 and a body in which the regular expression finds something. */
export interface HttpReadiness {
  readonly kind: 'http'
  readonly url: string
  /** Default: any body will do. */
  readonly pattern?: string
}

export interface ServiceDefinition {
  /** Key of the service: short, lower case, unique in its list. */
  readonly name: string
  /** Name for people. */
  readonly title: string
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]]
  /** Added to the environment that all share. */
  readonly environment: Readonly<Record<string, string>>
  /** Names of the services that must be ready before this one is started; they stand earlier in the list. */
  readonly after: readonly string[]
  readonly readiness: Readiness
  /** Longest time from its start until it is ready; then it counts as failed. */
  readonly startTimeoutMs: number
  /** Longest time from SIGTERM until its end; then its whole group gets SIGKILL. */
  readonly stopTimeoutMs: number
  /** Where its log goes, for messages; undefined when it only prints. */
  readonly logFile?: string | undefined
  /**
   * A file whose first line is the pid of a server that the program runs outside its process group (PostgreSQL's
   * `postmaster.pid`), and that would survive when the program is killed.
   */
  readonly serverPidFile?: string | undefined
}

export type ServiceState =
  /** Waits for those it comes after. */
  | 'waiting'
  /** Its process runs but is not ready yet. */
  | 'starting'
  | 'ready'
  /** Its process died; the next one is started after a pause. */
  | 'pausing'
  /** It never came up; everything is being stopped. */
  | 'failed'
  | 'stopping'
  | 'stopped'

/** What a service tells of itself, for the screen. */
export interface ServiceEvent {
  readonly name: string
  readonly title: string
  readonly state: ServiceState
  /** Time since the attempt began (starting, ready) or since it was asked to stop. */
  readonly tookMs: number
  /** Why, for the states pausing and failed, and what comes next. */
  readonly reason?: string
  /** The last lines of its output, when it died. */
  readonly output?: readonly string[]
}
