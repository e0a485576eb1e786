import { statSync } from 'node:fs'
import { isLoggerMatch, readLevelRules, type LevelRule } from '@pixsim7/files'
import { severityOf } from '@pixsim7/record'
import { setLevelRules, type LevelInForce } from '../core/levels.ts'

/**
 * How often the levels file is looked at, and rules are checked for their end: every process follows within two seconds. A look
 * is one stat of some microseconds. Watching the folder instead would tell of every line written to the logs beside it.
 */
const LOOK_INTERVAL_MS = 1000
/** A file changed again within the resolution of its time looks the same; a file this young is therefore read at every look. */
const YOUNG_MS = 2000

/** What became of a rule. */
export interface LevelChange {
  readonly rule: LevelRule
  readonly change: 'set' | 'removed' | 'expired'
}

/** What a follower tells; after the rules are in force. */
export interface LevelEvents {
  changed(change: LevelChange): void
  /** The file has a mistake or cannot be read: the rules stay as they are. Told once for each reason. */
  ignored(reason: string): void
}

/** Keeps the rules of a levels file in force, until it is closed. Its timer does not keep the process alive. */
export class LevelFollower {
  readonly #file: string
  readonly #events: LevelEvents
  readonly #timer: NodeJS.Timeout
  /** What the file looked like when it was read last. */
  #seen = ''
  #rules: readonly LevelRule[] = []
  readonly #inForce = new Map<string, LevelRule>()
  #lastReason = ''

  /** Looks at the file before it returns, so that the first lines follow it too. */
  constructor(file: string, events: LevelEvents) {
    this.#file = file
    this.#events = events
    this.look()
    this.#timer = setInterval(() => this.look(), LOOK_INTERVAL_MS).unref()
  }

  /** Reads the file if it has changed, and ends rules whose time is over. Never throws. */
  look(): void {
    this.#readIfChanged()
    const nowMs = Date.now()
    const rules = this.#rules.filter((rule) => Date.parse(rule.expires_at) > nowMs)
    const changes = this.#changesTo(rules)
    if (changes.length === 0) return
    this.#inForce.clear()
    for (const rule of rules) this.#inForce.set(rule.id, rule)
    setLevelRules(rules.map(inForce))
    for (const change of changes) this.#events.changed(change)
  }

  #readIfChanged(): void {
    try {
      const stats = statSync(this.#file, { bigint: true, throwIfNoEntry: false })
      const isYoung = stats !== undefined && Math.abs(Date.now() - Number(stats.mtimeMs)) < YOUNG_MS
      const seen =
        stats === undefined
          ? 'none'
          : [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ')
      if (seen === this.#seen && !isYoung) return
      this.#seen = seen
      this.#rules = stats === undefined ? [] : readLevelRules(this.#file)
      this.#lastReason = ''
    } catch (error) {
      // Read again at the next look: what refused it may be over without a trace on the file.
      this.#seen = ''
      const reason = error instanceof Error ? error.message : String(error)
      if (reason === this.#lastReason) return
      this.#lastReason = reason
      this.#events.ignored(reason)
    }
  }

  #changesTo(rules: readonly LevelRule[]): LevelChange[] {
    const changes: LevelChange[] = []
    const listed = new Set(this.#rules.map(({ id }) => id))
    const ids = new Set(rules.map(({ id }) => id))
    for (const [id, rule] of this.#inForce)
      if (!ids.has(id)) changes.push({ rule, change: listed.has(id) ? 'expired' : 'removed' })
    for (const rule of rules) {
      const before = this.#inForce.get(rule.id)
      if (before === undefined || JSON.stringify(before) !== JSON.stringify(rule))
        changes.push({ rule, change: 'set' })
    }
    if (changes.length > 0) return changes
    // The last rule wins, so a new order is a change as well.
    const isOrderKept = [...this.#inForce.keys()].every((id, index) => rules[index]?.id === id)
    return isOrderKept ? [] : rules.map((rule) => ({ rule, change: 'set' }))
  }

  /** Ends all rules. Safe to call twice. */
  close(): void {
    clearInterval(this.#timer)
    this.#inForce.clear()
    setLevelRules([])
  }
}

function inForce(rule: LevelRule): LevelInForce {
  const { logger, field, value, level } = rule
  return {
    isFor: (name) => logger === undefined || isLoggerMatch(logger, name),
    where: field === undefined ? undefined : { field, text: String(value) },
    severity: severityOf(level),
  }
}

/** A change as fields of the record `level_changed`. The value stands under its field's name, so that redaction knows what it is. */
export function changeFields({ rule, change }: LevelChange): object {
  const { id, logger, field, value, level, by, expires_at: until } = rule
  return {
    rule: id,
    change,
    ...(logger === undefined ? {} : { for_logger: logger }),
    ...(field === undefined ? {} : { where: { [field]: value } }),
    // In lower case, as the commands of the specification look for levels by their upper case words.
    to_level: level.toLowerCase(),
    by,
    until,
  }
}
