import { AsyncLocalStorage } from 'node:async_hooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { getLogger, LogContext } from '../index.ts'
import { collectLogsOfEachTest } from '../testing.ts'

const API = Symbol.for('opentelemetry.js.api.1')
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN')
const TRACE = '0af7651916cd43dd8448eb211c80319c'

/** What @opentelemetry/api 1.9 leaves at its symbol when a context manager is registered. */
class Manager {
  readonly #storage = new AsyncLocalStorage<Map<symbol, unknown>>()
  active() {
    return { getValue: (key: symbol) => this.#storage.getStore()?.get(key) }
  }
  run<T>(span: unknown, fn: () => T): T {
    return this.#storage.run(new Map([[SPAN, span]]), fn)
  }
}

const span = (spanId: unknown, traceId: unknown = TRACE) => ({ spanContext: () => ({ traceId, spanId }) })
const register = (api: unknown) => Object.assign(globalThis, { [API]: api })

const logger = getLogger('traced')

describe('the active span of OpenTelemetry', () => {
  const logs = collectLogsOfEachTest({ beforeEach, afterEach })
  const fields = () => logs.records.map((record) => record.fields)
  let manager: Manager

  beforeEach(() => {
    manager = new Manager()
    register({ version: '1.9.0', context: manager })
  })
  afterEach(() => {
    Reflect.deleteProperty(globalThis, API)
  })

  it('is on every line inside of it, and on none outside', async () => {
    await Promise.all(
      ['00f067aa0ba902b7', '00f067aa0ba902b8'].map((id) =>
        manager.run(span(id), async () => {
          logger.info(id)
          await new Promise((resolve) => setTimeout(resolve, 1))
          logger.info(id)
        }),
      ),
    )
    logger.info('outside')
    const ids = logs.records.map(({ message, fields: own }) => [message, own['span_id'], own['trace_id']])
    expect(ids).toHaveLength(5)
    for (const [message, id, trace] of ids.slice(0, 4)) expect([id, trace]).toEqual([message, TRACE])
    expect(ids[4]).toEqual(['outside', undefined, undefined])
  })

  it('comes before context and logger, whose fields of the same name win', () => {
    const active = span('00f067aa0ba902b7')
    manager.run(active, () => {
      LogContext.run({ user_id: 1 }, () => logger.with({ a: 1 }).info('x', { b: 2 }))
      LogContext.run({ user_id: 2, trace_id: 'mine' }, () => logger.with({ span_id: 'own' }).info('x'))
      logger.info('x')
    })
    expect(fields()).toEqual([
      { trace_id: TRACE, span_id: '00f067aa0ba902b7', user_id: 1, a: 1, b: 2 },
      { trace_id: 'mine', span_id: 'own', user_id: 2 },
      { trace_id: TRACE, span_id: '00f067aa0ba902b7' },
    ])
  })

  it.each([
    ['no span', undefined],
    ['a span without context', {}],
    ['the invalid span', span('0000000000000000', '0'.repeat(32))],
    ['ids of another form', span('x', 5)],
    [
      'a span that throws',
      {
        spanContext() {
          throw new Error('no')
        },
      },
    ],
  ])('is left out for %s', (_name, active) => {
    manager.run(active, () => LogContext.run({ user_id: 1 }, () => logger.info('x')))
    expect(fields()).toEqual([{ user_id: 1 }])
  })

  it.each([[{}], [{ context: {} }], [{ context: { active: () => undefined } }], [null], ['text']])(
    'is left out for an API that is %j',
    (api) => {
      register(api)
      logger.info('x')
      expect(fields()).toEqual([{}])
    },
  )
})
