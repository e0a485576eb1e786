import { execFile } from 'node:child_process'
import {
  appendFile,
  chmod,
  copyFile,
  mkdir,
  open,
  rename,
  rm,
  stat,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { formatPlainRecord } from '@pixsim7/record'
import type { LogStore } from '@pixsim7/store'
import { requireTool, tempDir, waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { BASE_US, jsonLine, numberedLines, numbers, seqs, testRecord } from './support/lines.ts'
import { allEntries, openTestStore, rawSql, waitUntilStored } from './support/test-store.ts'

const run = promisify(execFile)

async function logsDir(): Promise<{ dir: string; log: (name: string) => string }> {
  const dir = await tempDir()
  await mkdir(path.join(dir, 'logs'))
  return { dir, log: (name) => path.join(dir, 'logs', name) }
}

async function waitForSeq(store: LogStore, last: number): Promise<void> {
  await waitFor(
    async () =>
      (await store.search({ search: `line ${last}` }, { limit: 10, order: 'asc' })).entries.some(
        (entry) => entry.fields['seq'] === last,
      ),
    { what: `line ${last}`, timeoutMs: 90_000 },
  )
}

/** Every number once, in the order they were written. */
async function expectNumbers(store: LogStore, count: number): Promise<void> {
  expect(seqs(await allEntries(store))).toEqual(numbers(0, count))
}

function expectConservation(store: LogStore): void {
  for (const file of store.health().files) {
    expect(file.lines, file.path).toBe(file.rows + file.continuationLines + file.copies)
  }
}

describe('a file that grows', () => {
  it('is read from its first byte and as it grows, a line in the making only when it is complete', async () => {
    const { dir, log } = await logsDir()
    await writeFile(log('worker.log'), numberedLines(0, 3))
    const { store } = await openTestStore(dir)
    const [line3 = '', line4 = ''] = [numberedLines(3, 1), numberedLines(4, 1)]
    await appendFile(log('worker.log'), line3.slice(0, 50))
    await waitForSeq(store, 2)
    await appendFile(log('worker.log'), line3.slice(50) + line4.slice(0, 20))
    await waitForSeq(store, 3)
    await appendFile(log('worker.log'), line4.slice(20))
    await waitForSeq(store, 4)
    await expectNumbers(store, 5)
    expectConservation(store)
  })

  it('is found when it is created later, also in a folder that is', async () => {
    const { dir } = await logsDir()
    const { store } = await openTestStore(dir, { files: [path.join(dir, 'later/**/*.log')] })
    await mkdir(path.join(dir, 'later/deep'), { recursive: true })
    await writeFile(path.join(dir, 'later/deep/api.log'), numberedLines(0, 2))
    await waitForSeq(store, 1)
    expect((await allEntries(store)).map((entry) => entry.component)).toEqual(['api', 'api'])
  })

  it('gives up on a newline that does not come', async () => {
    const { dir, log } = await logsDir()
    await writeFile(log('worker.log'), `${numberedLines(0, 1)}no newline`)
    const { store } = await openTestStore(dir, { partialLineTimeoutMs: 300 })
    await waitUntilStored(store, [log('worker.log')])
    expect((await allEntries(store)).map((entry) => entry.message)).toEqual(['line 0', 'no newline'])
    await appendFile(log('worker.log'), `, but more\n${numberedLines(1, 1)}`)
    await waitForSeq(store, 1)
    expect((await allEntries(store)).map((entry) => entry.message)).toEqual([
      'line 0',
      'no newline',
      ', but more',
      'line 1',
    ])
  })

  it('gives plain records with their stacks as one', async () => {
    const { dir, log } = await logsDir()
    const stack = 'Error: boom\n    at a (x.ts:1:2)\n\nCaused by: Error: deep\n    at b'
    const records = [
      testRecord({ message: 'first | not fields', level: 'ERROR', exception: stack, fields: { user_id: 1 } }),
      testRecord({ message: 'second', timeUs: BASE_US + 1_000_000 }),
    ]
    await writeFile(log('backend.log'), records.map((record) => `${formatPlainRecord(record)}\n`).join(''))
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('backend.log')])
    const [first, second] = await allEntries(store)
    expect(first).toMatchObject({
      message: 'first | not fields',
      exception: stack,
      user_id: 1,
      level: 'ERROR',
    })
    expect(second).toMatchObject({ message: 'second', exception: null })
    expect(store.health().files[0]).toMatchObject({ lines: 7, rows: 2, continuationLines: 5, badLines: 0 })
  })
})

describe('rotation', () => {
  it('by rename, again and again under traffic, loses and doubles nothing', async () => {
    const { dir, log } = await logsDir()
    const { store, events } = await openTestStore(dir)
    let next = 0
    let handle = await open(log('worker.log'), 'a')
    for (let rotation = 1; rotation <= 12; rotation += 1) {
      for (let write = 0; write < 5; write += 1) {
        await handle.write(numberedLines(next, 40))
        next += 40
      }
      await rename(log('worker.log'), log(`worker.log.${rotation}`))
      // The writer notices a little later: what it writes until then goes to the renamed file.
      await handle.write(numberedLines(next, 10))
      next += 10
      await handle.close()
      handle = await open(log('worker.log'), 'a')
    }
    await handle.write(numberedLines(next, 1))
    await handle.close()
    await waitForSeq(store, next)
    await waitUntilStored(
      store,
      numbers(1, 12).map((rotation) => log(`worker.log.${rotation}`)),
    )
    await expectNumbers(store, next + 1)
    expectConservation(store)
    expect(new Set((await allEntries(store)).map((entry) => entry.component))).toEqual(new Set(['worker']))
    expect(events.filter(({ event }) => event === 'fileTruncated' || event === 'fileGone')).toEqual([])
  })

  it('by the real logrotate with its usual options loses and doubles nothing', async (context) => {
    const logrotate = await requireTool(context, 'logrotate')
    const { dir, log } = await logsDir()
    await chmod(path.join(dir, 'logs'), 0o755)
    const config = path.join(dir, 'logrotate.conf')
    await writeFile(
      config,
      `${dir}/logs/*.log {\n daily\n rotate 14\n compress\n delaycompress\n notifempty\n create 0644\n}\n`,
    )
    const { store } = await openTestStore(dir)
    let next = 0
    for (let rotation = 0; rotation < 4; rotation += 1) {
      await appendFile(log('worker.log'), numberedLines(next, 200))
      next += 200
      if (rotation % 2 === 0) await waitForSeq(store, next - 1)
      await run(logrotate, ['-f', '-s', path.join(dir, 'state'), config])
    }
    await appendFile(log('worker.log'), numberedLines(next, 1))
    await waitForSeq(store, next)
    await waitUntilStored(store, [
      log('worker.log'),
      log('worker.log.1'),
      log('worker.log.2.gz'),
      log('worker.log.3.gz'),
    ])
    await expectNumbers(store, next + 1)
  })

  it('by mv and gzip while nobody follows leaves the unread rest to the archive', async () => {
    const { dir, log } = await logsDir()
    await writeFile(log('worker.log'), numberedLines(0, 500))
    const first = await openTestStore(dir)
    await waitUntilStored(first.store, [log('worker.log')])
    await first.store.close()
    await appendFile(log('worker.log'), numberedLines(500, 500))
    await rename(log('worker.log'), log('worker.log.20251111'))
    await run('gzip', [log('worker.log.20251111')])
    await writeFile(log('worker.log'), numberedLines(1000, 500))
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('worker.log'), log('worker.log.20251111.gz')])
    await expectNumbers(store, 1500)
    expect((await store.search({ search: 'line 999' }, { limit: 1, order: 'asc' })).entries[0]?.file).toBe(
      'worker.log',
    )
    await store.close()
    // Once more: an archive that has been read is not read again.
    const third = await openTestStore(dir)
    await appendFile(log('worker.log'), numberedLines(1500, 1))
    await waitForSeq(third.store, 1500)
    await waitUntilStored(third.store, [log('worker.log.20251111.gz')])
    await expectNumbers(third.store, 1501)
  })

  it('by compression while following is seen as the same file', async () => {
    const { dir, log } = await logsDir()
    await writeFile(log('worker.log'), numberedLines(0, 300))
    const { store } = await openTestStore(dir)
    await waitForSeq(store, 299)
    await rename(log('worker.log'), log('worker.log.1'))
    await run('gzip', [log('worker.log.1')])
    await writeFile(log('worker.log'), numberedLines(300, 10))
    await waitForSeq(store, 309)
    await waitUntilStored(store, [log('worker.log.1.gz')])
    await expectNumbers(store, 310)
  })

  it('reads nothing twice of an archive that a look at the folder misses while it is renamed', async () => {
    const { dir, log } = await logsDir()
    await writeFile(log('worker.log'), numberedLines(0, 300))
    const { store } = await openTestStore(dir)
    await waitForSeq(store, 299)
    await rename(log('worker.log'), log('worker.log.1'))
    await run('gzip', [log('worker.log.1')])
    await waitUntilStored(store, [log('worker.log.1.gz')])
    await rename(log('worker.log.1.gz'), path.join(dir, 'away'))
    // What was written later is stored: the folder has been looked at.
    await writeFile(log('worker.log'), numberedLines(300, 10))
    await waitForSeq(store, 309)
    await rename(path.join(dir, 'away'), log('worker.log.2.gz'))
    await waitUntilStored(store, [log('worker.log.2.gz')])
    await expectNumbers(store, 310)
  })

  it('reads archives that were there before', async () => {
    const { dir, log } = await logsDir()
    await writeFile(log('worker.log.2.gz'), gzipSync(numberedLines(0, 400)))
    await writeFile(log('worker.log.1'), numberedLines(400, 400))
    await writeFile(log('worker.log'), numberedLines(800, 400))
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('worker.log'), log('worker.log.1'), log('worker.log.2.gz')])
    await expectNumbers(store, 1200)
  })

  it('has nothing left to read of an archive of nothing', async () => {
    const { dir, log } = await logsDir()
    await writeFile(log('worker.log.1.gz'), gzipSync(''))
    const { store } = await openTestStore(dir)
    await waitFor(() => store.health().files[0]?.lagBytes === 0)
    expect(store.health().files).toMatchObject([{ sizeBytes: 0, offsetBytes: 0, rows: 0, lastError: null }])
  })

  it('reads the good part of a damaged archive and says so', async () => {
    const { dir, log } = await logsDir()
    const packed = gzipSync(numberedLines(0, 20_000))
    await writeFile(log('worker.log.1.gz'), packed.subarray(0, packed.length - 2000))
    // An old file: what is cut off does not come any more.
    await run('touch', ['-d', '2025-01-01', log('worker.log.1.gz')])
    await writeFile(log('api.log'), numberedLines(0, 1, { api: true }))
    const { store, events } = await openTestStore(dir)
    await waitUntilStored(store, [log('worker.log.1.gz'), log('api.log')])
    const read = seqs(await allEntries(store, { components: ['worker'], search: 'line' }))
    expect(read.length).toBeGreaterThan(1000)
    expect(read.slice(0, -1)).toEqual(numbers(0, read.length - 1))
    expect(store.health().files.find(({ path: file }) => file.endsWith('.gz'))?.lastError).toMatch(/damaged/)
    expect(events).toContainEqual(expect.objectContaining({ event: 'fileUnreadable' }))
    expect(store.health().status).toBe('ok')
  })
})

describe('copytruncate', () => {
  it('while following: the copy is not read twice, what the follower had not read is read from it', async () => {
    const { dir, log } = await logsDir()
    await writeFile(log('worker.log'), numberedLines(0, 300))
    const { store, events } = await openTestStore(dir)
    await waitForSeq(store, 299)
    for (let round = 1; round <= 3; round += 1) {
      await appendFile(log('worker.log'), numberedLines(round * 300, 150))
      await copyFile(log('worker.log'), log(`worker.log.${round}`))
      await waitFor(() => store.health().files.length > 0)
      await truncate(log('worker.log'))
      await appendFile(log('worker.log'), numberedLines(round * 300 + 150, 150))
    }
    await waitForSeq(store, 1199)
    await waitFor(async () => (await store.search({}, { limit: 1, order: 'asc' })).total >= 1200, {
      what: '1200 rows',
    })
    await expectNumbers(store, 1200)
    expect(events.filter(({ event }) => event === 'fileGone')).toEqual([])
  })

  it('while following, grown beyond the position before the follower looks again', async () => {
    const { dir, log } = await logsDir()
    await writeFile(log('worker.log'), numberedLines(0, 50))
    const { store, events } = await openTestStore(dir)
    await waitUntilStored(store, [log('worker.log')])
    const { pid } = store.health().engine
    process.kill(pid ?? 0, 'SIGSTOP')
    await truncate(log('worker.log'))
    await appendFile(log('worker.log'), numberedLines(50, 200))
    process.kill(pid ?? 0, 'SIGCONT')
    await waitForSeq(store, 249)
    await expectNumbers(store, 250)
    expect(events.filter(({ event }) => event === 'fileTruncated')).toHaveLength(1)
    expect(store.health().engine.restarts).toBe(0)
  })

  it('while away, the file grown beyond the position again: all of the new content is read', async () => {
    const { dir, log } = await logsDir()
    await writeFile(log('worker.log'), numberedLines(0, 50))
    const first = await openTestStore(dir)
    await waitUntilStored(first.store, [log('worker.log')])
    await first.store.close()
    await truncate(log('worker.log'))
    await appendFile(log('worker.log'), numberedLines(50, 200))
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('worker.log')])
    await expectNumbers(store, 250)
    await store.close()
    const third = await openTestStore(dir)
    await appendFile(log('worker.log'), numberedLines(250, 1))
    await waitForSeq(third.store, 250)
    await expectNumbers(third.store, 251)
  })
})

/**
 * Makes `file` with an inode that was free a moment ago. ext4 gives a freed inode to the next file at once, which may be
 * another program's: then files are made until it comes back.
 */
async function replaceWithInode(file: string, inode: number, content: string): Promise<void> {
  // In the same folder, because ext4 takes inodes from the folder's neighbourhood; hidden, because they are no logs.
  const candidates: string[] = []
  await waitFor(
    async () => {
      const candidate = path.join(path.dirname(file), `.candidate-${candidates.length}`)
      await writeFile(candidate, content)
      if ((await stat(candidate)).ino === inode) {
        await rename(candidate, file)
        return true
      }
      candidates.push(candidate)
      return false
    },
    { what: `inode ${inode} to be given out again` },
  )
  await Promise.all(candidates.map((candidate) => unlink(candidate)))
}

describe('a file in the place of another', () => {
  it.each([
    ['other lines after them', numberedLines(3, 40), numbers(0, 43)],
    ['all of its lines at first', numberedLines(0, 40), [...numbers(0, 3), ...numbers(0, 40)]],
  ])('with the same inode and equal first lines is a file of its own: %s', async (_, rest, expected) => {
    const { dir, log } = await logsDir()
    const head = `${'same first line of every start '.repeat(4)}\n`
    await writeFile(log('worker.log'), head + numberedLines(0, 3))
    const first = await openTestStore(dir)
    await waitUntilStored(first.store, [log('worker.log')])
    await first.store.close()
    const { ino } = await stat(log('worker.log'))
    await unlink(log('worker.log'))
    await replaceWithInode(log('worker.log'), ino, head + rest)
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('worker.log')])
    const entries = await allEntries(store, { search: 'line ' })
    const read = seqs(entries.filter((entry) => 'seq' in entry.fields))
    expect(read.sort((a, b) => Number(a) - Number(b))).toEqual([...expected].sort((a, b) => a - b))
    expect((await store.search({ search: 'same first' }, { limit: 10, order: 'asc' })).total).toBe(2)
  })

  it('is read while the one before is read to its end, though it is deleted', async () => {
    const { dir, log } = await logsDir()
    const { store, events } = await openTestStore(dir)
    const handle = await open(log('worker.log'), 'a')
    await handle.write(numberedLines(0, 10))
    await waitForSeq(store, 9)
    await unlink(log('worker.log'))
    await writeFile(log('worker.log'), numberedLines(20, 5))
    await handle.write(numberedLines(10, 10))
    await handle.close()
    await waitForSeq(store, 24)
    await waitForSeq(store, 19)
    await expectNumbers(store, 25)
    await waitFor(() => events.some(({ event }) => event === 'fileGone'), {
      what: 'the deleted file to be let go',
    })
  })

  it('with equal content under another name is read as well', async () => {
    const { dir, log } = await logsDir()
    const same = numberedLines(0, 60)
    await writeFile(log('a.log'), same + numberedLines(60, 5))
    await writeFile(log('b.log'), same + numberedLines(65, 5))
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('a.log'), log('b.log')])
    expect((await store.search({}, { limit: 1, order: 'asc' })).total).toBe(130)
  })
})

describe('hostile content', () => {
  it('is stored as text, counted, and hides nothing behind it', async () => {
    const { dir, log } = await logsDir()
    const torn = jsonLine({ message: 'torn' }).slice(0, 70)
    const pieces = [
      numberedLines(0, 1),
      'not json at all\n',
      '{"half": \n',
      torn + numberedLines(1, 1),
      Buffer.from('latin gr\xfc\xdfe\n', 'latin1'),
      Buffer.alloc(100_000),
      numberedLines(2, 1),
      `${'x'.repeat(10 * 1024 * 1024)}\n`,
      numberedLines(3, 1),
      jsonLine({ message: 'lone \ud800 surrogate \u2028 \u001b[31m', fields: { seq: 4 } }),
      jsonLine({ message: 'line 5', timeUs: Date.parse('2200-01-01T00:00:00Z') * 1000, fields: { seq: 5 } }),
      jsonLine({ message: 'line 6', timeUs: Date.parse('1700-01-01T00:00:00Z') * 1000, fields: { seq: 6 } }),
      '\n\n\n',
      `{"timestamp":"2025-11-11T22:30:45.000000Z","level":"INFO","message":"deep","a":${'['.repeat(5000)}${']'.repeat(5000)}}\n`,
      numberedLines(7, 1),
    ]
    await writeFile(log('worker.log'), Buffer.concat(pieces.map((piece) => Buffer.from(piece as string))))
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('worker.log')])
    const entries = await allEntries(store)
    expect(seqs(entries.filter((entry) => 'seq' in entry.fields)).sort()).toEqual(numbers(0, 8))
    for (const text of ['not json at all', '{"half": ', 'latin gr\\xfc\\xdfe', '[100000 NUL bytes]', torn]) {
      expect(entries.filter((entry) => entry.message === text).map((entry) => entry.level)).toEqual(['INFO'])
    }
    const cut = entries.find((entry) => entry.fields['cut'] === true)
    expect(cut?.message).toHaveLength(1024 * 1024)
    expect(store.health().files[0]).toMatchObject({
      lines: 18,
      rows: 15,
      continuationLines: 3,
      badLines: 7,
      cutLines: 1,
    })
    expectConservation(store)
    await store.close()
    const partitions = await rawSql<{ days: number }>(dir, 'SELECT uniqExact(day) AS days FROM pixlogs.logs')
    expect(partitions).toEqual([{ days: 3 }])
  })

  it('of 2,000 days in 2,000 lines makes few partitions', async () => {
    const { dir, log } = await logsDir()
    const dayUs = 86_400_000_000
    const lines = numbers(0, 2000).map((seq) =>
      jsonLine({ timeUs: BASE_US - seq * 10 * dayUs, message: `line ${seq}`, fields: { seq } }),
    )
    await writeFile(log('worker.log'), lines.join(''))
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [log('worker.log')])
    expect((await store.search({}, { limit: 1, order: 'asc' })).total).toBe(2000)
    await store.close()
    const [answer] = await rawSql<{ days: number }>(dir, 'SELECT uniqExact(day) AS days FROM pixlogs.logs')
    expect(answer?.days).toBeLessThan(700)
  })

  it('in names of files is shown as it is', async () => {
    const { dir, log } = await logsDir()
    const names = ["it's.log", 'two words.log', '$(id).log', 'ünï.log', `${'n'.repeat(200)}.log`]
    for (const [seq, name] of names.entries()) await writeFile(log(name), numberedLines(seq, 1))
    await writeFile(log('.hidden.log'), numberedLines(100, 1))
    await writeFile(log('backend.log.tmp'), numberedLines(101, 1))
    await mkdir(log('folder.log'))
    await run('mkfifo', [log('pipe.log')])
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, names.map(log))
    const entries = await allEntries(store)
    expect(entries.map((entry) => entry.file)).toEqual(names)
    expect(entries.map((entry) => entry.component)).toEqual(names.map((name) => name.slice(0, -4)))
  })
})

describe('a file that cannot be read', () => {
  it('is shown in health, does not hold up the others, and is read when it can be', async () => {
    const { dir, log } = await logsDir()
    await writeFile(log('a.log'), numberedLines(0, 5))
    await writeFile(log('worker.log.1.bz2'), 'BZh9')
    // A dead link in the place of a log, then the log: the nearest to an unreadable file that root can have.
    const { store, events } = await openTestStore(dir)
    await waitUntilStored(store, [log('a.log')])
    await waitFor(() => store.health().files.some(({ lastError }) => lastError?.includes('bz2') === true))
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'fileUnreadable', path: log('worker.log.1.bz2') }),
    )
    expect(store.health().status).toBe('ok')
    await rm(log('worker.log.1.bz2'))
    await waitFor(() => store.health().files.length === 1, { what: 'the file to be forgotten' })
  })
})
