import path from 'node:path'

/** What the name of a log file says. */
export interface LogFileName {
  /** The program part the file belongs to: the name before `.log`, without a date in it. */
  readonly component: string
  /** What rotation put behind `.log`, `1` or `20251111`; null for the file that is written to. */
  readonly rotation: string | null
  /** How the file is compressed, by its ending; null when it is not. Only `gz` can be read. */
  readonly compression: 'gz' | 'bz2' | 'xz' | 'zst' | null
}

const COMPRESSION = /\.(gz|bz2|xz|zst)$/
/**
 * `.1`, `.20251111`, `-20251111`, `.2025-11-11T22`, `-20251111-1762900245`, `.20251111.2`, and `.old`. Then logrotate's `.backup`: what
 * it sets aside when the file it is about to create is there already, because a writer was faster.
 */
const ROTATION = /[.-](\d[\dTZ:_.-]*|old)(?:\.backup)?$/
const ENDING = /\.(?:log|jsonl|ndjson|json|txt|out|err)$/
/** A date inside the name, as some rotate: `app.2025-11-11.log`, `app-20251111.3.log`. */
const INNER_DATE = /[._-]\d{4}-?\d{2}-?\d{2}(?:[T._-]\d+)*$/
/** Names of files in the making and of editors' copies; they hold what another file holds too. */
const NOT_A_LOG = /(?:~|\.(?:tmp|temp|part|partial|lock|pid|swp|bak))$/

/**
 * What the name of a file says about the log it belongs to, or undefined when it is no log: a dot-file (files of our own
 * beside logs begin with a dot), a file in the making, an editor's copy. Only the name counts, not what is in the file.
 */
export function parseLogFileName(file: string): LogFileName | undefined {
  const name = path.basename(file)
  if (name === '' || name.startsWith('.') || NOT_A_LOG.test(name)) return undefined
  const compressed = COMPRESSION.exec(name)
  const plain = compressed === null ? name : name.slice(0, compressed.index)
  const rotation = ENDING.test(plain) ? undefined : ROTATION.exec(plain)
  const active = rotation == null ? plain : plain.slice(0, rotation.index)
  const component = active.replace(ENDING, '').replace(INNER_DATE, '')
  if (component === '') return undefined
  return {
    component,
    rotation: rotation?.[1] ?? null,
    compression: (compressed?.[1] ?? null) as LogFileName['compression'],
  }
}
