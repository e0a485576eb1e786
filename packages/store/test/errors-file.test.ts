import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { formatPlainRecord } from '@pixsim7/record'
import { tempDir, waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { BASE_US, jsonLine, testRecord } from './support/lines.ts'
import { allEntries, openTestStore, waitUntilStored } from './support/test-store.ts'

async function logs(files: Readonly<Record<string, string>>) {
  const dir = await tempDir()
  await mkdir(path.join(dir, 'logs'))
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(dir, 'logs', name), content)
  return { dir, log: (name: string) => path.join(dir, 'logs', name) }
}

function error(message: string, fields: Readonly<Record<string, unknown>> = {}) {
  return jsonLine({ level: 'ERROR', message, timeUs: BASE_US, fields })
}

describe('errors.log', () => {
  it('brings each event once: from the file of its component when that is followed, else from here', async () => {
    const { dir, log } = await logs({
      'worker.log': error('from worker', { job_id: 1 }),
      'errors.log': [
        error('from worker', { job_id: 1, component: 'worker' }),
        error('worker could not write its own file', { component: 'worker', sole_copy: true }),
        error('nobody follows billing', { component: 'billing' }),
        error('without component'),
        'torn line\n',
      ].join(''),
    })
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('worker.log'), log('errors.log')])
    const entries = await allEntries(store, { levels: ['ERROR'] })
    expect(entries.map(({ message, component, file }) => [message, component, file]).sort()).toEqual([
      ['from worker', 'worker', 'worker.log'],
      ['nobody follows billing', 'billing', 'errors.log'],
      ['torn line', 'errors', 'errors.log'],
      ['without component', 'errors', 'errors.log'],
      ['worker could not write its own file', 'worker', 'errors.log'],
    ])
    expect(entries.every((entry) => !('component' in entry.fields))).toBe(true)
    const health = store.health().files.find(({ component }) => component === 'errors')
    expect(health).toMatchObject({ lines: 5, rows: 4, copies: 1, badLines: 1 })
  })

  it('counts the stack lines of plain copies', async () => {
    const record = testRecord({ level: 'ERROR', message: 'boom', exception: 'Error: x\n    at y' })
    const { dir, log } = await logs({
      'backend.log': `${formatPlainRecord(record)}\n`,
      'errors.log': `${formatPlainRecord({ ...record, fields: { component: 'backend' } })}\n`,
    })
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('backend.log'), log('errors.log')])
    expect((await allEntries(store)).map(({ component }) => component)).toEqual(['backend'])
    const health = store.health().files.find(({ component }) => component === 'errors')
    expect(health).toMatchObject({ lines: 3, rows: 0, copies: 3 })
  })

  it('looks for the file of a component that is new before it takes the record from here', async () => {
    const { dir, log } = await logs({ 'errors.log': error('first', { component: 'errors-only' }) })
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('errors.log')])
    for (let round = 0; round < 10; round += 1) {
      // As the library does it: first the component's own file, at once the errors file.
      await writeFile(log(`new${round}.log`), error(`event ${round}`))
      await appendFile(log('errors.log'), error(`event ${round}`, { component: `new${round}` }))
      await waitUntilStored(store, [log('errors.log'), log(`new${round}.log`)])
    }
    const events = await allEntries(store, { search: 'event' })
    expect(events.map(({ file }) => file)).toEqual(events.map((_, round) => `new${round}.log`))
    expect(events).toHaveLength(10)
  })

  it('brings what is older than the files of its component, which are kept for a shorter time than errors', async () => {
    const dayUs = 86_400_000_000
    const old = jsonLine({
      level: 'CRITICAL',
      message: 'long ago',
      timeUs: BASE_US - 40 * dayUs,
      fields: { component: 'worker' },
    })
    const { dir, log } = await logs({
      'worker.log': jsonLine({ message: 'start', timeUs: BASE_US - 2 * dayUs }) + error('today'),
      'errors.log': error('today', { component: 'worker' }),
    })
    await writeFile(
      log('worker.log.1.gz'),
      gzipSync(jsonLine({ message: 'older', timeUs: BASE_US - 9 * dayUs })),
    )
    await writeFile(
      log('errors.log.1.gz'),
      gzipSync(
        old +
          jsonLine({
            level: 'ERROR',
            message: 'in the archive',
            timeUs: BASE_US - 5 * dayUs,
            fields: { component: 'worker' },
          }),
      ),
    )
    const { store } = await openTestStore(dir)
    await waitUntilStored(
      store,
      ['worker.log', 'errors.log', 'worker.log.1.gz', 'errors.log.1.gz'].map((name) => log(name)),
    )
    const entries = await allEntries(store)
    expect(entries.map(({ message, component, file }) => [message, component, file])).toEqual([
      ['long ago', 'worker', 'errors.log.1.gz'],
      ['older', 'worker', 'worker.log.1.gz'],
      ['start', 'worker', 'worker.log'],
      ['today', 'worker', 'worker.log'],
    ])
  })

  it('does not let a line of another file choose its component', async () => {
    const { dir, log } = await logs({ 'worker.log': error('forged', { component: 'backend' }) })
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('worker.log')])
    const [entry] = await allEntries(store)
    expect(entry).toMatchObject({ component: 'worker', fields: { component: 'backend' } })
  })

  it('may be another component, and files may be given theirs', async () => {
    const { dir, log } = await logs({
      'app.log': error('own'),
      'all-errors.log': error('own', { component: 'backend' }),
    })
    const { store } = await openTestStore(dir, {
      errorsComponent: 'all-errors',
      components: { [path.join(dir, 'logs', 'app.log*')]: 'backend' },
    })
    await waitUntilStored(store, [log('app.log'), log('all-errors.log')])
    await waitFor(() => store.health().rows === 1)
    expect((await allEntries(store)).map(({ component, file }) => [component, file])).toEqual([
      ['backend', 'app.log'],
    ])
  })
})
