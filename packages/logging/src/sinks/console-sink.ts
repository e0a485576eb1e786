import type { Output, LogEvent } from '../core/pipeline.ts'
import { jsonLineOf, plainLineOf } from '../core/event-lines.ts'
import type { ConsoleMode } from '../settings/library.ts'

const COLOURS: Readonly<Record<string, string>> = {
  DEBUG: '\u001b[90m',
  INFO: '\u001b[36m',
  WARNING: '\u001b[33m',
  ERROR: '\u001b[31m',
  CRITICAL: '\u001b[97;41m',
}
const RESET = '\u001b[0m'

/** What the console sink needs of process.stdout. */
export interface ConsoleStream {
  readonly isTTY?: boolean | undefined
  write(text: string): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}

/** An output that stops listening to its stream when closed. */
export interface ConsoleSink extends Output {
  close(): void
}

/**
 * Lines on stdout, beside the files: `auto` means plain on a terminal and nothing elsewhere, since a launcher, a container
 * runtime or systemd would otherwise keep every line a second time. Control characters are escaped by the formats. Colour only on
 * a terminal and without NO_COLOR. A closed pipe switches it off and is no error.
 */
export function consoleSink(
  mode: ConsoleMode,
  stream: ConsoleStream = process.stdout,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ConsoleSink | undefined {
  const isTerminal = stream.isTTY === true
  if (mode === 'off' || (mode === 'auto' && !isTerminal)) return undefined
  const hasColour = isTerminal && mode !== 'json' && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  let isOpen = true
  const stop = () => {
    isOpen = false
  }
  stream.on('error', stop)
  return {
    close() {
      stop()
      stream.removeListener('error', stop)
    },
    write(event) {
      if (!isOpen) return
      try {
        stream.write(mode === 'json' ? jsonLineOf(event) : hasColour ? coloured(event) : plainLineOf(event))
      } catch {
        // The terminal is gone; the files have the line.
        isOpen = false
      }
    },
  }
}

/** The level is the third part of the line: the logger's name holds no ` - ` that would not be escaped. */
function coloured(event: LogEvent): string {
  const line = plainLineOf(event)
  const marker = ` - ${event.level} - `
  const place = line.indexOf(marker, 19)
  const colour = COLOURS[event.level] ?? ''
  return place === -1
    ? line
    : `${line.slice(0, place + 3)}${colour}${event.level}${RESET}${line.slice(place + 3 + event.level.length)}`
}
