/** Starts a list of services, each after those it needs, and stops them in the opposite order. */
import type { ServiceDefinition } from './service.ts'
import { SupervisedService, type SupervisedServiceOptions } from './supervised-service.ts'

/** All services of one start. Whoever calls {@link start} sees to it that {@link stop} or {@link kill} is called. */
export class Supervisor {
  readonly #services: readonly SupervisedService[]
  #isStopping = false

  /** `definitions` in the order of starting: a service stands after those it needs. */
  constructor(
    definitions: readonly ServiceDefinition[],
    options: Omit<SupervisedServiceOptions, 'onProcess'>,
    onProcess: (name: string, identity: { pid: number; startedAt: string }) => void,
  ) {
    this.#services = definitions.map(
      (definition) =>
        new SupervisedService(definition, {
          ...options,
          onProcess: (identity) => onProcess(definition.name, identity),
        }),
    )
  }

  /**
   * Resolves when all are ready; never settles when stopped before.
   * @throws LauncherError `SERVICE_FAILED` as soon as one is given up; the others are still running then
   */
  async start(): Promise<void> {
    const ready = new Map<string, Promise<void>>()
    for (const service of this.#services) {
      const needed = service.definition.after.flatMap((name) => ready.get(name) ?? [])
      const begin = async () => {
        await Promise.all(needed)
        if (this.#isStopping) return new Promise<void>(() => {})
        return service.start()
      }
      ready.set(service.definition.name, begin())
    }
    await Promise.all(ready.values())
  }

  /** What a service announced when it became ready; undefined when it did not, or is not in the list. */
  announcementOf(name: string): string | undefined {
    return this.#services.find((service) => service.definition.name === name)?.announcement
  }

  /** Stops one after the other, the last started first, so that nothing loses what it stands on. Safe twice. */
  async stop(): Promise<void> {
    this.#isStopping = true
    for (const service of this.#services.toReversed()) await service.stop()
  }

  /** Kills all at once. */
  async kill(): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.#services.map((service) => service.kill()))
  }
}
