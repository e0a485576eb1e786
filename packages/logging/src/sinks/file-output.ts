import type { LogEvent, Output } from '../core/pipeline.ts'
import { jsonLineOf, plainLineOf } from '../core/event-lines.ts'
import { URGENT_SEVERITY } from '../core/pipeline.ts'
import type { FileSink } from './file-sink.ts'

/**
 * Writes each event to the component's file, and from ERROR on to the errors file too: the same line, plus the component.
 * The component's file comes first. When it could not take the line, the line in the errors file is marked `sole_copy`, so that a
 * reader of both knows to count it; it is then not written to the component's file later.
 */
export class FileOutput implements Output {
  readonly component: FileSink
  readonly errors: FileSink
  readonly #format: (event: LogEvent, more?: string) => string
  readonly #componentMember: string

  constructor(component: FileSink, errors: FileSink, isJson: boolean, componentName: string) {
    this.component = component
    this.errors = errors
    this.#format = isJson ? jsonLineOf : plainLineOf
    this.#componentMember = `,"component":"${componentName}"`
  }

  write(event: LogEvent, isUrgent: boolean): void {
    const own = this.#format(event)
    if (event.severity < URGENT_SEVERITY) {
      this.component.put(own, event.severity, isUrgent)
      return
    }
    const first = this.component.add(own, event.severity, isUrgent)
    const line = this.#format(event, this.#componentMember)
    if (first.outcome !== 'failed') {
      this.errors.add(line, event.severity, isUrgent)
      return
    }
    const sole = this.#format(event, `${this.#componentMember},"sole_copy":true`)
    const second = this.errors.add(sole, event.severity, isUrgent)
    if (second.outcome !== 'failed') {
      this.component.withdraw(first.sequence)
      return
    }
    // Neither file can be written: both lines wait, and will be no sole copies.
    this.errors.withdraw(second.sequence)
    this.errors.add(line, event.severity, false)
  }
}
