import { execFile } from 'node:child_process'
import { appendFile, copyFile, mkdir, readdir, rename, truncate, unlink } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { formatPlainRecord } from '@pixsim7/record'
import { tempDir, waitFor } from '@pixsim7/testkit'
import { expect, it } from 'vitest'
import { BASE_US, jsonLine, numbers, testRecord } from './support/lines.ts'
import { seededRandom, testSeed } from './support/random.ts'
import { allEntries, openTestStore, type TestStore } from './support/test-store.ts'

const run = promisify(execFile)

/** More steps, for a night: `STORE_MODEL_STEPS=2000`. */
const STEPS = Number(process.env['STORE_MODEL_STEPS'] ?? 120)

/** What may happen to log files and to the store that follows them; none of it may cost or double a line. */
class World {
  readonly #dir: string
  readonly #random: () => number
  readonly #components = ['backend', 'worker']
  readonly #seq: Record<string, number> = { backend: 0, worker: 0 }
  #rotations = 0
  #running: TestStore | undefined
  readonly history: string[] = []

  constructor(dir: string, random: () => number) {
    this.#dir = dir
    this.#random = random
  }

  get written(): Readonly<Record<string, number>> {
    return this.#seq
  }

  async step(): Promise<void> {
    const actions: [weight: number, name: string, act: (component: string) => Promise<void>][] = [
      [10, 'append', (component) => this.#append(component)],
      [4, 'rename', (component) => this.#rename(component)],
      [3, 'copytruncate', (component) => this.#copyTruncate(component)],
      [3, 'gzip', (component) => this.#gzip(component)],
      [2, 'move', (component) => this.#moveRotated(component)],
      [1, 'delete', (component) => this.#deleteStored(component)],
      [2, 'kill', () => this.#kill()],
      [2, 'open or close', () => this.#toggle()],
      [3, 'wait', () => delay(this.#random() * 400)],
    ]
    const total = actions.reduce((sum, [weight]) => sum + weight, 0)
    let place = this.#random() * total
    for (const [weight, name, act] of actions) {
      place -= weight
      if (place > 0) continue
      const component = this.#components[Math.floor(this.#random() * 2)] ?? 'worker'
      this.history.push(`${name} ${component}`)
      return act(component)
    }
  }

  /** The store with everything in it. */
  async settled(): Promise<TestStore> {
    this.#running ??= await openTestStore(this.#dir)
    const store = this.#running.store
    const total = Object.values(this.#seq).reduce((sum, count) => sum + count, 0)
    await waitFor(() => store.health().rows >= total, { what: `${total} rows`, timeoutMs: 60_000 })
    // Copies are no files of their own: what counts is that nothing that is followed is behind.
    await waitFor(() => store.health().files.every(({ lagBytes }) => lagBytes === 0))
    return this.#running
  }

  get #logs(): string {
    return path.join(this.#dir, 'logs')
  }

  #log(name: string): string {
    return path.join(this.#logs, name)
  }

  async #rotated(component: string, isArchive: boolean): Promise<string[]> {
    const names = await readdir(this.#logs)
    return names
      .filter((name) => name.startsWith(`${component}.log.`) && name.endsWith('.gz') === isArchive)
      .sort()
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random() * items.length)]
  }

  async #append(component: string): Promise<void> {
    const count = 1 + Math.floor(this.#random() * 300)
    let text = ''
    for (const seq of numbers(this.#seq[component] ?? 0, count)) {
      const options = { timeUs: BASE_US + seq * 1000, message: `${component} ${seq}`, fields: { seq } }
      text +=
        component === 'worker'
          ? jsonLine(options)
          : `${formatPlainRecord(testRecord({ ...options, ...(seq % 7 === 0 ? { exception: 'Error\n    at x' } : {}) }))}\n`
    }
    this.#seq[component] = (this.#seq[component] ?? 0) + count
    await appendFile(this.#log(`${component}.log`), text)
  }

  async #exists(component: string): Promise<boolean> {
    return (await readdir(this.#logs)).includes(`${component}.log`)
  }

  async #rename(component: string): Promise<void> {
    if (!(await this.#exists(component))) return
    this.#rotations += 1
    await rename(this.#log(`${component}.log`), this.#log(`${component}.log.${this.#rotations}`))
  }

  async #copyTruncate(component: string): Promise<void> {
    if (!(await this.#exists(component))) return
    this.#rotations += 1
    await copyFile(this.#log(`${component}.log`), this.#log(`${component}.log.${this.#rotations}`))
    await truncate(this.#log(`${component}.log`))
  }

  async #gzip(component: string): Promise<void> {
    const name = this.#pick(await this.#rotated(component, false))
    if (name !== undefined) await run('gzip', [this.#log(name)])
  }

  async #moveRotated(component: string): Promise<void> {
    const name = this.#pick([
      ...(await this.#rotated(component, false)),
      ...(await this.#rotated(component, true)),
    ])
    if (name === undefined) return
    this.#rotations += 1
    const target = `${component}.log.${this.#rotations}${name.endsWith('.gz') ? '.gz' : ''}`
    await rename(this.#log(name), this.#log(target))
  }

  /** As retention does: only what has been stored. */
  async #deleteStored(component: string): Promise<void> {
    const name = this.#pick([
      ...(await this.#rotated(component, false)),
      ...(await this.#rotated(component, true)),
    ])
    if (name === undefined || this.#running === undefined) return
    const health = this.#running.store.health().files.find((file) => file.path === this.#log(name))
    if (health !== undefined && health.lagBytes === 0 && health.offsetBytes > 0) await unlink(this.#log(name))
  }

  async #kill(): Promise<void> {
    const pid = this.#running?.store.health().engine.pid
    if (pid != null) process.kill(pid, 'SIGKILL')
  }

  async #toggle(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = await openTestStore(this.#dir)
    } else {
      await this.#running.store.close()
      this.#running = undefined
    }
  }
}

it(
  `keeps each line once through ${STEPS} random events in the lives of two logs`,
  async () => {
    const random = seededRandom(testSeed())
    const dir = await tempDir()
    await mkdir(path.join(dir, 'logs'))
    const world = new World(dir, random)
    for (let step = 0; step < STEPS; step += 1) await world.step()
    const { store } = await world.settled()
    for (const [component, count] of Object.entries(world.written)) {
      const entries = await allEntries(store, { components: [component] })
      const read = entries.map(({ message }) => Number(message.split(' ')[1])).sort((a, b) => a - b)
      expect(read, world.history.join(', ')).toEqual(numbers(0, count))
    }
    expect(
      store
        .health()
        .files.map(({ lastError }) => lastError)
        .filter((error) => error !== null),
    ).toEqual([])
  },
  120_000 + STEPS * 3000,
)
