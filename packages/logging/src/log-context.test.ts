import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogContext } from './log-context.ts'

describe('LogContext', () => {
  it('is there inside run and gone after it, also when that throws', () => {
    expect(LogContext.get()).toEqual({})
    expect(LogContext.run({ user_id: 1 }, () => LogContext.get())).toEqual({ user_id: 1 })
    expect(() =>
      LogContext.run({ user_id: 1 }, () => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(LogContext.get()).toEqual({})
  })

  it('nests: the inner one wins for the same name and ends with its function', () => {
    LogContext.run({ user_id: 1, job_id: 1 }, () => {
      LogContext.run({ job_id: 2, task: 'x' }, () => {
        expect(LogContext.get()).toEqual({ user_id: 1, job_id: 2, task: 'x' })
      })
      expect(LogContext.get()).toEqual({ user_id: 1, job_id: 1 })
    })
  })

  it('has user and job before all else, as the specification writes them', () => {
    LogContext.run({ task: 'process_job', job_id: 123 }, () => {
      LogContext.run({ attempt: 1, user_id: 7 }, () => {
        expect(Object.keys(LogContext.get())).toEqual(['user_id', 'job_id', 'task', 'attempt'])
      })
      expect(Object.keys(LogContext.get())).toEqual(['job_id', 'task'])
    })
  })

  it('lasts across awaits, timers, immediates and microtasks', async () => {
    await LogContext.run({ job_id: 1 }, async () => {
      await delay(1)
      expect(LogContext.get()).toEqual({ job_id: 1 })
      await new Promise<void>((resolve) => setImmediate(resolve))
      await new Promise<void>((resolve) => process.nextTick(resolve))
      expect(LogContext.get()).toEqual({ job_id: 1 })
      const fromTimer = new Promise((resolve) => setTimeout(() => resolve(LogContext.get()), 1))
      expect(await fromTimer).toEqual({ job_id: 1 })
    })
    expect(LogContext.get()).toEqual({})
  })

  it('never shows the fields of another task, however tasks are interleaved', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 }), { maxLength: 20 }),
        async (tasks) => {
          const task = (waits: readonly number[], id: number) =>
            LogContext.run({ id }, async () => {
              for (const [step, wait] of waits.entries()) {
                await (wait === 0 ? Promise.resolve() : delay(wait))
                expect(LogContext.get()).toEqual({ id })
                await LogContext.run({ step }, async () => {
                  await delay(wait)
                  expect(LogContext.get()).toEqual({ id, step })
                })
              }
            })
          await Promise.all(tasks.map(task))
          expect(LogContext.get()).toEqual({})
        },
      ),
      { numRuns: 30 },
    )
  })

  it('bind carries the present context, or its absence, into a callback of somebody else', () => {
    const emitter = new EventEmitter()
    const seen: unknown[] = []
    LogContext.run({ job_id: 1 }, () => {
      emitter.on(
        'done',
        LogContext.bind(function (this: unknown, value: number) {
          seen.push([this === emitter, value, LogContext.get()])
        }),
      )
    })
    emitter.on(
      'done',
      LogContext.bind(() => seen.push(LogContext.get())),
    )
    LogContext.run({ job_id: 2 }, () => emitter.emit('done', 5))
    expect(seen).toEqual([[true, 5, { job_id: 1 }], {}])
  })

  it('keeps a copy of the fields', () => {
    const fields: Record<string, unknown> = { job_id: 1 }
    LogContext.run(fields, () => {
      fields['job_id'] = 2
      expect(LogContext.get()).toEqual({ job_id: 1 })
      expect(Object.isFrozen(LogContext.get())).toBe(true)
    })
  })

  it('takes any object without throwing', () => {
    const trap = {
      get broken(): never {
        throw new Error('no')
      },
    }
    expect(LogContext.run(trap, () => LogContext.get())).toEqual({ fields: '[unreadable]' })
    const hostile = JSON.parse('{"__proto__":{"polluted":1}}') as object
    LogContext.run(hostile, () => {
      expect(Object.keys(LogContext.get())).toEqual(['__proto__'])
      expect((LogContext.get() as { polluted?: number }).polluted).toBeUndefined()
    })
  })
})
