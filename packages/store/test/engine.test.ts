import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { StoreError, openStore } from '@pixsim7/store'
import { cleanUpAfter, runProgram, tempDir, waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { EngineClient } from '../src/engine/engine-client.ts'
import { engineOptions } from '../src/store-options.ts'
import { numberedLines } from './support/lines.ts'
import { openTestStore, rawSql, waitUntilStored } from './support/test-store.ts'

const PACKAGES = path.join(import.meta.dirname, '../..')

async function folder(lines = 10) {
  const dir = await tempDir()
  await mkdir(path.join(dir, 'logs'))
  const file = path.join(dir, 'logs', 'worker.log')
  if (lines > 0) await writeFile(file, numberedLines(0, lines))
  return { dir, file }
}

/** A client with its own engine, to which any SQL can be put. */
async function openClient(timeoutMs: number) {
  const { dir } = await folder(0)
  const options = engineOptions({ dataDir: path.join(dir, 'store'), files: [], memoryBytes: 300 * 1024 ** 2 })
  const client = new EngineClient(options, timeoutMs, () => undefined)
  cleanUpAfter('test', () => client.close())
  await client.start()
  return client
}

const ENDLESS = 'SELECT count() AS n FROM numbers(1000000000000) WHERE sipHash64(number) = 1'

describe('a question that fails after its first rows', () => {
  it('leaves none of them to the next question', async () => {
    const client = await openClient(30_000)
    const failing = "SELECT 'of another question' AS text, throwIf(number = 500000) FROM numbers(1000000)"
    // More than there are sessions, so that each has met the failure.
    for (const _ of Array.from({ length: 6 })) {
      await expect(client.rows(failing)).rejects.toMatchObject({ code: 'STORE_QUERY_FAILED' })
      const answers = await Promise.all([1, 2, 3, 4].map((n) => client.rows(`SELECT ${n} AS n`)))
      expect(answers).toEqual([[{ n: 1 }], [{ n: 2 }], [{ n: 3 }], [{ n: 4 }]])
    }
  })

  it('nor does one that is withdrawn', async () => {
    const client = await openClient(30_000)
    const slow =
      "SELECT 'of another question' AS text FROM numbers(10000000000) WHERE sipHash64(number) % 100000 = 1"
    for (const waitMs of [20, 60, 120, 200]) {
      const withdrawal = new AbortController()
      const question = client.rows(slow, { signal: withdrawal.signal })
      await delay(waitMs)
      withdrawal.abort()
      await expect(question).rejects.toMatchObject({ code: 'STORE_ABORTED' })
      for (const n of [1, 2, 3, 4, 5]) expect(await client.rows(`SELECT ${n} AS n`)).toEqual([{ n }])
    }
  })
})

describe('the engine process', () => {
  it('that stops answering is killed and started again, and questions of that time are answered', async () => {
    const { dir, file } = await folder()
    const { store, events } = await openTestStore(dir)
    await waitUntilStored(store, [file])
    const { pid } = store.health().engine
    process.kill(pid ?? 0, 'SIGSTOP')
    const page = await store.search({}, { limit: 1, order: 'desc' })
    expect(page.total).toBe(10)
    expect(store.health().engine).toMatchObject({ restarts: 1, lastError: null })
    expect(store.health().engine.pid).not.toBe(pid)
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'engineLost',
        reason: expect.stringMatching(/not answered for \d+ s/),
      }),
    )
  })

  it('says in health that it is down, and is up again', async () => {
    const { dir, file } = await folder()
    const { store } = await openTestStore(dir)
    await waitUntilStored(store, [file])
    expect(store.health()).toMatchObject({ status: 'ok', rows: 10, engine: { name: 'chdb', restarts: 0 } })
    process.kill(store.health().engine.pid ?? 0, 'SIGKILL')
    await waitFor(() => store.health().status === 'down', { intervalMs: 1 })
    expect(store.health().engine.lastError).toMatch(/SIGKILL/)
    await waitFor(() => store.health().status === 'ok')
    await waitFor(() => (store.health().engine.residentBytes ?? 0) > 50e6)
  })

  it('gives up a question only when it was lost twice', async () => {
    const client = await openClient(60_000)
    const asked = client.rows(ENDLESS)
    const failed = expect(asked).rejects.toMatchObject({ code: 'STORE_ENGINE_LOST', isRetryable: true })
    for (let kill = 0; kill < 2; kill += 1) {
      await waitFor(() => client.state.health().engine.restarts === kill && client.state.isReady)
      await delay(200)
      process.kill(client.state.health().engine.pid ?? 0, 'SIGKILL')
    }
    await failed
    expect(await client.rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('refuses a second owner of the folder, and names the first', async () => {
    const { dir } = await folder()
    const { store } = await openTestStore(dir)
    const { pid } = store.health().engine
    const second = openStore({ dataDir: path.join(dir, 'store'), files: [] })
    await expect(second).rejects.toMatchObject({
      code: 'STORE_IN_USE',
      message: expect.stringContaining(`pid ${pid}`),
    })
    expect((await store.search({}, { limit: 1, order: 'asc' })).entries.length).toBeLessThanOrEqual(1)
    await store.close()
    await (await openStore({ dataDir: path.join(dir, 'store'), files: [] })).close()
  })

  it('refuses a store that a newer version has written', async () => {
    const { dir } = await folder()
    await (await openTestStore(dir)).store.close()
    await rawSql(
      dir,
      `ALTER TABLE pixlogs.meta UPDATE value = '99' WHERE key = 'schema_version' SETTINGS mutations_sync = 2`,
    )
    await expect(openTestStore(dir)).rejects.toMatchObject({
      code: 'STORE_NEWER_SCHEMA',
      message: expect.stringMatching(/schema 99/),
    })
  })

  it('says what is wrong with options and folders', async () => {
    const { dir, file } = await folder()
    await expect(openStore({ dataDir: '', files: [''], memoryBytes: 1 })).rejects.toMatchObject({
      code: 'STORE_BAD_OPTIONS',
      message: expect.stringMatching(/dataDir .*files .*memoryBytes/),
    })
    await expect(openStore({ dataDir: path.join(file, 'x'), files: [] })).rejects.toMatchObject({
      code: 'STORE_BAD_OPTIONS',
    })
    await mkdir(path.join(dir, 'broken'))
    await writeFile(path.join(dir, 'broken', 'chdb'), 'a file where a folder should be')
    await expect(openStore({ dataDir: path.join(dir, 'broken'), files: [] })).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
    })
  })

  it('says clearly when there is no engine for the platform', async () => {
    const dir = await tempDir()
    for (const name of ['record', 'files', 'store']) {
      const target = path.join(dir, 'node_modules/@pixsim7', name)
      await mkdir(target, { recursive: true })
      await cp(path.join(PACKAGES, name, 'dist'), path.join(target, 'dist'), { recursive: true })
      await cp(path.join(PACKAGES, name, 'package.json'), path.join(target, 'package.json'))
    }
    await writeFile(
      path.join(dir, 'main.mjs'),
      `import { openStore } from '@pixsim7/store'
       await openStore({ dataDir: 'store', files: [] }).catch((error) => console.log(error.code + ': ' + error.message))`,
    )
    const { code, stdout } = await runProgram(process.execPath, ['main.mjs'], { cwd: dir })
    expect(stdout).toMatch(/^STORE_ENGINE_UNAVAILABLE: The embedded store engine .* cannot be loaded on/)
    expect(code).toBe(0)
    await rm(dir, { recursive: true })
  })
})

describe('a question', () => {
  it('that is withdrawn is ended in the engine too: its session is free for the next one', async () => {
    const client = await openClient(60_000)
    // As many as there are sessions.
    const controllers = Array.from({ length: 4 }, () => new AbortController())
    const asked = controllers.map(({ signal }) => client.rows(ENDLESS, { signal }))
    const ended = asked.map((question) => expect(question).rejects.toMatchObject({ code: 'STORE_ABORTED' }))
    let isAnswered = false
    const next = client.rows('SELECT 1 AS one').finally(() => (isAnswered = true))
    await delay(500)
    expect(isAnswered).toBe(false)
    const begunMs = performance.now()
    for (const controller of controllers) controller.abort()
    await Promise.all(ended)
    expect(await next).toEqual([{ one: 1 }])
    // Far below the time limit of the questions, which would end them too.
    expect(performance.now() - begunMs).toBeLessThan(20_000)
  })

  it('that waits for a free session is withdrawn without having run', async () => {
    const client = await openClient(60_000)
    const controllers = Array.from({ length: 6 }, () => new AbortController())
    const asked = controllers.map(({ signal }) => client.rows(ENDLESS, { signal }))
    const ended = asked.map((question) => expect(question).rejects.toMatchObject({ code: 'STORE_ABORTED' }))
    await delay(200)
    for (const controller of [...controllers].reverse()) controller.abort()
    await Promise.all(ended)
    expect(await client.rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('ends at its time limit, its memory limit and its answer limit', async () => {
    const hurried = await openClient(1000)
    await expect(hurried.rows(ENDLESS)).rejects.toMatchObject({ code: 'STORE_TIMEOUT' })
    expect(await hurried.rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
    await hurried.close()
    // The other limits need time to be reached, on a busy machine more than that.
    const client = await openClient(60_000)
    await expect(client.rows('SELECT groupArray(number) AS a FROM numbers(1e9)')).rejects.toMatchObject({
      code: 'STORE_TOO_LARGE',
    })
    await expect(client.rows(`SELECT repeat('x', 1000) AS a FROM numbers(1000000)`)).rejects.toMatchObject({
      code: 'STORE_TOO_LARGE',
    })
    await expect(client.rows('SELEC 1')).rejects.toMatchObject({ code: 'STORE_QUERY_FAILED' })
    await expect(client.rows(`SELECT '${'x'.repeat(300_000)}' AS a`)).rejects.toMatchObject({
      code: 'STORE_BAD_QUESTION',
    })
    expect(await client.rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('runs in an engine that keeps within the memory it was given', async () => {
    const client = await openClient(5000)
    const settings = await client.rows<{ name: string; value: string }>(
      `SELECT name, value FROM system.server_settings WHERE name IN ('max_server_memory_usage', 'background_pool_size')`,
    )
    expect(settings).toEqual(
      expect.arrayContaining([
        { name: 'max_server_memory_usage', value: String(300 * 1024 ** 2) },
        { name: 'background_pool_size', value: '2' },
      ]),
    )
  })

  it('fails with a StoreError after the store is closed', async () => {
    const { dir } = await folder(0)
    const { store } = await openTestStore(dir)
    await store.close()
    const asked = store.search({}, { limit: 1, order: 'asc' })
    await expect(asked).rejects.toBeInstanceOf(StoreError)
    await expect(asked).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  })
})
