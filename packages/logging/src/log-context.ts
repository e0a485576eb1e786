import { AsyncLocalStorage } from 'node:async_hooks'
import { extendFields, type BoundFields } from './core/bound-fields.ts'

const storage = new AsyncLocalStorage<BoundFields>()

/** The fields of the context of the running code; undefined outside of any. */
export function currentContext(): BoundFields | undefined {
  return storage.getStore()
}

/**
 * Fields for everything that is logged inside, by any logger, across awaits, timers and callbacks, and never by anything outside:
 * tasks that run at the same time keep theirs apart. Contexts nest; the inner one wins for the same name.
 *
 * There is no way to enter a context without a function: inside an async function it would leak into the caller.
 */
export const LogContext = {
  /** Runs `fn` with `fields` on every line and returns what it returns; with an async `fn` the context lasts until it is done. */
  run<T>(fields: object, fn: () => T): T {
    const outer = storage.getStore()
    const context = extendFields(outer, fields)
    if (outer !== undefined) context.outermost = outer.outermost ?? outer
    return storage.run(context, fn)
  },

  /**
   * `fn` with the context of now, wherever it will be called: for callbacks of event emitters, pools and queues, which
   * run in the context of whoever triggers them.
   */
  bind<This, Args extends unknown[], Result>(
    fn: (this: This, ...args: Args) => Result,
  ): (this: This, ...args: Args) => Result {
    const context = storage.getStore()
    return function bound(this: This, ...args: Args): Result {
      return context === undefined
        ? storage.exit(() => fn.apply(this, args))
        : storage.run(context, () => fn.apply(this, args))
    }
  },

  /** The fields of the running code's context, frozen; empty outside of any. */
  get(): Readonly<Record<string, unknown>> {
    return storage.getStore()?.fields ?? {}
  },
}
