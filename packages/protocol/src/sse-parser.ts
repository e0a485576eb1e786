/** One event of a `text/event-stream`: its name, its data, and the id in force when it was dispatched. */
export interface ServerSentEvent {
  readonly event: string
  readonly data: string
  /** Last id seen on the stream, this event's own included; empty when none came. */
  readonly id: string
}

/**
 * Parses a `text/event-stream` piece by piece, cut anywhere, as the WHATWG specification says. `feed` returns the events
 * a piece completed; an event the stream ends within is never returned. Comments only prove that the connection lives.
 *
 * @param onRetry is told the pause before reconnecting that the server asks for, in milliseconds
 */
export function createSseParser(onRetry: (retryMs: number) => void = () => {}): {
  feed(text: string): ServerSentEvent[]
} {
  let rest = ''
  let event = ''
  let data: string[] = []
  let id = ''
  let endedOnCarriageReturn = false

  const readLine = (line: string, events: ServerSentEvent[]): void => {
    if (line === '') {
      if (data.length > 0) events.push({ event: event || 'message', data: data.join('\n'), id })
      event = ''
      data = []
      return
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1))
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) onRetry(Number(value))
  }

  return {
    feed(text) {
      const events: ServerSentEvent[] = []
      // A line may end in \n, \r or \r\n; a piece that ends in \r leaves open which of the last two it was.
      const piece = endedOnCarriageReturn && text.startsWith('\n') ? text.slice(1) : text
      if (text !== '') endedOnCarriageReturn = text.endsWith('\r')
      let start = 0
      for (const match of piece.matchAll(/\r\n|\n|\r/g)) {
        // Only the new piece is searched: a long line that comes in many pieces stays linear.
        readLine(rest + piece.slice(start, match.index), events)
        rest = ''
        start = match.index + match[0].length
      }
      rest += piece.slice(start)
      return events
    },
  }
}
