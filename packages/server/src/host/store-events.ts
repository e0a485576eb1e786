import type { Level } from '@pixsim7/record'
import type { StoreEvent, StoreEventListener } from '@pixsim7/store'
import type { OwnFields, OwnLog } from './own-log.ts'

/** How the log server's own log tells what happens in its store. */
export function logStoreEvents(ownLog: OwnLog): StoreEventListener {
  return (event) => {
    const [level, message] = lineOf(event)
    const { event: name, ...facts } = event
    ownLog.tellAs(`store_${snakeCase(name)}`, level, message, snakeKeys(facts))
  }
}

/** Something is lost or somebody must act: ERROR; odd, and worth a look: WARNING. */
function lineOf(event: StoreEvent): [Level, string] {
  switch (event.event) {
    case 'engineStarted':
      return ['INFO', event.restarts === 0 ? 'Store engine started' : 'Store engine started again']
    case 'engineLost':
      return ['ERROR', 'Store engine lost; it is started again']
    case 'fileDiscovered':
      return ['INFO', 'Log file followed from now on']
    case 'fileRotated':
      return ['INFO', 'Followed log file has a new name']
    case 'fileTruncated':
      return [event.lostBytes > 0 ? 'ERROR' : 'WARNING', 'Followed log file was shortened']
    case 'fileGone':
      return event.lostBytes > 0
        ? ['ERROR', 'Followed log file is gone before it was read to its end']
        : ['INFO', 'Followed log file is gone, read to its end']
    case 'fileUnreadable':
      return ['WARNING', 'Log file cannot be read; it is tried again']
    case 'badLines':
      return ['WARNING', 'Lines that are no record were kept as text']
    case 'rowsExpired':
      return ['INFO', 'Records older than the retention were removed from the store']
    case 'expiryFailed':
      return ['ERROR', 'Records older than the retention could not be removed; it is tried again']
    case 'migrating':
      return ['INFO', 'Store is brought to the form of this version']
    case 'insertFailed':
      return ['ERROR', 'Lines could not be stored; they are tried again']
  }
}

/** A line's own `component` is the log server: the file's gets another name. */
function snakeKeys(facts: OwnFields): OwnFields {
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [
      key === 'component' ? 'file_component' : snakeCase(key),
      value,
    ]),
  )
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
