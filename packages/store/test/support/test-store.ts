import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { LogEntry } from '@pixsim7/record'
import { openStore, type LogFilter, type LogStore, type StoreEvent, type StoreOptions } from '@pixsim7/store'
import { cleanUpAfter, waitFor, type Lifetime } from '@pixsim7/testkit'

/** A real store with its own engine process, closed after the test. */
export interface TestStore {
  readonly store: LogStore
  readonly events: StoreEvent[]
}

export async function openTestStore(
  dir: string,
  options: Partial<StoreOptions> = {},
  lifetime: Lifetime = 'test',
): Promise<TestStore> {
  const events: StoreEvent[] = []
  const store = await openStore({
    dataDir: path.join(dir, 'store'),
    files: [path.join(dir, 'logs', '*.log*')],
    memoryBytes: 512 * 1024 ** 2,
    onEvent: (event) => events.push(event),
    ...options,
  })
  cleanUpAfter(lifetime, () => store.close())
  return { store, events }
}

/** Waits until the store holds every byte of these files: plain ones by their size, archives when they were unpacked. */
export async function waitUntilStored(store: LogStore, files: readonly string[]): Promise<void> {
  let missing = ''
  await waitFor(
    async () => {
      for (const file of files) {
        const { size } = await stat(file)
        const health = store.health().files.find(({ path: place }) => place === file)
        const isStored = file.endsWith('.gz')
          ? health?.lagBytes === 0 && health.offsetBytes > 0
          : health?.offsetBytes === size
        missing = `${path.basename(file)} of ${size} bytes; ${JSON.stringify(health)}`
        if (!isStored) return false
      }
      return true
    },
    { timeoutMs: 90_000 },
  ).catch((error: unknown) => {
    throw new Error(`not all is stored: ${missing}; ${JSON.stringify(store.health().engine)}`, {
      cause: error,
    })
  })
}

/** Every matching entry, oldest first, page by page. */
export async function allEntries(store: LogStore, filter: LogFilter = {}, limit = 1000): Promise<LogEntry[]> {
  const entries: LogEntry[] = []
  for (let cursor: string | undefined; ;) {
    const page = await store.search(filter, {
      limit,
      order: 'asc',
      ...(cursor === undefined ? {} : { cursor }),
    })
    entries.push(...page.entries)
    if (page.nextCursor === null) return entries
    cursor = page.nextCursor
  }
}

const RAW_SQL = `
import { createRequire } from 'node:module'
const { Session } = createRequire(process.argv[1])('chdb')
const session = new Session(process.argv[2])
let text = ''
for (const sql of JSON.parse(process.argv[3])) text = (await session.queryAsync(sql, { format: 'JSONEachRow' })).text()
process.stdout.write(text, () => process.kill(process.pid, 'SIGKILL'))
`

/**
 * Asks the engine itself, in a process of its own, about a store that is closed: a second judge beside the store's code. Of
 * several statements the rows of the last are answered.
 */
export async function rawSql<Row>(dir: string, ...statements: readonly string[]): Promise<Row[]> {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      RAW_SQL,
      import.meta.filename,
      path.join(dir, 'store', 'chdb'),
      JSON.stringify(statements),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let text = ''
  let problem = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (problem += chunk))
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (...how) => resolve(how as [number | null, string | null])),
  )
  if (signal !== 'SIGKILL') throw new Error(`the engine could not be asked (${code}): ${problem}`)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
