import { formatTimestamp } from '@pixsim7/record'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serviceStates, type Sign, type SignEvent } from './service-states.ts'

const NOW_US = Date.parse('2025-11-11T12:00:00Z') * 1000
const SECOND_US = 1_000_000
const ago = (seconds: number) => NOW_US - seconds * SECOND_US
const time = (seconds: number) => formatTimestamp(ago(seconds))

function sign(event: SignEvent, seconds: number, more: Partial<Sign> = {}): Sign {
  return {
    timeUs: ago(seconds),
    component: 'worker',
    instance: ' 1',
    host: '',
    event,
    statements: [],
    intervalSec: event === 'heartbeat' ? 60 : 0,
    uptimeSec: 0,
    message: `${event} ${seconds} s ago`,
    entryId: `${event}-${seconds}`,
    ...more,
  }
}
const says = (name: string, isUp: boolean) => ({ statements: [{ name, isUp }] })
const states = (...signs: Sign[]) => serviceStates(signs, new Map(), NOW_US)
const status = (...signs: Sign[]) => states(...signs).map((state) => `${state.name} ${state.status}`)

describe('a component', () => {
  it.each<[string, Sign[], string]>([
    ['has just started', [sign('service_started', 10)], 'up'],
    ['beats', [sign('service_started', 9000), sign('heartbeat', 59)], 'up'],
    ['is late by one heartbeat', [sign('heartbeat', 149)], 'up'],
    ['has missed two', [sign('heartbeat', 151)], 'silent'],
    ['beats each ten minutes', [sign('heartbeat', 1400, { intervalSec: 600 })], 'up'],
    ['started and never beat', [sign('service_started', 151)], 'silent'],
    ['said goodbye', [sign('heartbeat', 30), sign('service_stopped', 20)], 'down'],
    ['is on its way out', [sign('heartbeat', 30), sign('service_stopping', 20)], 'up'],
    ['was on its way out and is not heard any more', [sign('service_stopping', 500)], 'down'],
    [
      'is started again under the same number',
      [sign('service_stopped', 20), sign('service_started', 10)],
      'up',
    ],
    [
      'has an interval that is forged to live for ever',
      [sign('heartbeat', 9001, { intervalSec: 1e300 })],
      'silent',
    ],
    [
      'has an interval that is forged to be silent at once',
      [sign('heartbeat', 2, { intervalSec: 1e-9 })],
      'up',
    ],
    ['has an interval that is none', [sign('heartbeat', 149, { intervalSec: -5 })], 'silent'],
  ])('that %s is told', (_, signs, expected) => {
    expect(status(...signs)).toEqual([`worker ${expected}`])
  })

  it('is up since its oldest running process began, and names the newest sign', () => {
    expect(
      states(
        sign('service_started', 7000, { instance: 'a 1' }),
        sign('heartbeat', 50, { instance: 'a 1' }),
        sign('service_started', 3000, { instance: 'b 1' }),
        sign('heartbeat', 20, { instance: 'b 1' }),
      ),
    ).toEqual([
      {
        name: 'worker',
        kind: 'component',
        status: 'up',
        since: time(7000),
        lastSeen: time(20),
        instances: 2,
        toldBy: ['worker'],
        detail: null,
        entryId: 'heartbeat-20',
      },
    ])
  })

  it('whose start is not in the log any more is up for as long as it says', () => {
    expect(states(sign('heartbeat', 20, { uptimeSec: 999_999 }))[0]?.since).toBe(time(1_000_019))
    expect(states(sign('heartbeat', 20))[0]?.since).toBeNull()
  })

  it('tells of a process that fell silent beside others, until one was started in its place', () => {
    const silent = sign('heartbeat', 500, { instance: ' 1' })
    const other = [
      sign('service_started', 9000, { instance: ' 2' }),
      sign('heartbeat', 20, { instance: ' 2' }),
    ]
    const replacement = sign('service_started', 100, { instance: ' 3' })
    expect(states(silent, ...other)[0]).toMatchObject({ instances: 1, detail: 'One more process is silent.' })
    expect(states(silent, ...other, replacement)[0]).toMatchObject({ instances: 2, detail: null })
    // One start stands for one of them.
    const second = sign('heartbeat', 600, { instance: ' 4' })
    expect(states(silent, second, ...other, replacement)[0]?.detail).toBe('One more process is silent.')
  })

  it('that started long ago is silent since nobody knows when: older heartbeats are not looked at', () => {
    expect(states(sign('service_started', 90_000))[0]).toMatchObject({ status: 'silent', since: null })
    expect(states(sign('service_started', 80_000))[0]).toMatchObject({
      status: 'silent',
      since: time(80_000),
    })
  })

  it('that never tells of itself is unknown', () => {
    expect(serviceStates([], new Map([['nginx', ago(5)]]), NOW_US)).toEqual([
      expect.objectContaining({
        name: 'nginx',
        status: 'unknown',
        lastSeen: time(5),
        since: null,
        instances: 0,
      }),
    ])
  })
})

describe('what components depend on', () => {
  const alive = sign('service_started', 1000)

  it('is up or down as the last word of who runs', () => {
    const down = sign('dependency_down', 300, says('database', false))
    const up = sign('dependency_up', 100, says('database', true))
    const beat = (isUp: boolean) => sign('heartbeat', 20, says('database', isUp))
    expect(states(alive, down, beat(false))[1]).toEqual({
      name: 'database',
      kind: 'dependency',
      status: 'down',
      since: time(300),
      lastSeen: time(20),
      instances: 0,
      toldBy: ['worker'],
      detail: 'heartbeat 20 s ago',
      entryId: 'heartbeat-20',
    })
    expect(states(alive, down, up, beat(true))[1]).toMatchObject({ status: 'up', since: time(100) })
    expect(states(alive, beat(true))[1]).toMatchObject({ status: 'up', since: time(1000) })
  })

  it('is down when one of several says so, and that one is named', () => {
    const backend = { component: 'backend', instance: ' 2' }
    expect(
      states(
        alive,
        sign('heartbeat', 20, says('database', true)),
        sign('service_started', 1000, backend),
        sign('dependency_down', 90, { ...backend, ...says('database', false) }),
        sign('heartbeat', 30, { ...backend, ...says('database', false) }),
      )[2],
    ).toMatchObject({ name: 'database', status: 'down', since: time(90), toldBy: ['backend'] })
  })

  it('is unknown when nobody runs who spoke of it', () => {
    expect(
      states(sign('dependency_down', 900, says('database', false)), sign('service_stopped', 800))[1],
    ).toMatchObject({ status: 'unknown', since: null, detail: expect.stringContaining('down') as string })
  })

  it('may be spoken of without a process id, for all processes of the component', () => {
    const unsigned = { instance: '' }
    const down = sign('dependency_down', 70, { ...unsigned, ...says('pixverse', false) })
    const up = sign('dependency_up', 5, { ...unsigned, ...says('pixverse', true) })
    const beat = sign('heartbeat', 90, says('pixverse', true))
    expect(states(alive, beat, down)[1]).toMatchObject({ status: 'down', since: time(70) })
    expect(states(alive, beat, down, up)[1]).toMatchObject({ status: 'up', since: time(5) })
    // Nobody runs: it is nobody's word.
    expect(states(down).map(({ name }) => name)).toEqual([])
  })

  it('is not judged by what a process of the same number said before it ended', () => {
    expect(
      status(
        sign('dependency_down', 900, says('database', false)),
        sign('service_stopped', 800),
        sign('service_started', 100),
      ),
    ).toEqual(['worker up'])
  })

  it('is known from a heartbeat that came before the start was told', () => {
    expect(status(sign('heartbeat', 21, says('database', true)), sign('service_started', 20))).toEqual([
      'worker up',
      'database up',
    ])
  })
})

it('any signs, in any order, are told the same, each service once', () => {
  const events: SignEvent[] = [
    'service_started',
    'service_stopping',
    'service_stopped',
    'heartbeat',
    'dependency_up',
    'dependency_down',
  ]
  const anySign = fc
    .record({
      event: fc.constantFrom(...events),
      seconds: fc.integer({ min: -60, max: 100_000 }),
      component: fc.constantFrom('a', 'b', '__proto__'),
      instance: fc.constantFrom('', ' 1', ' 2'),
      isUp: fc.boolean(),
    })
    .map(({ event, seconds, isUp, ...more }) => sign(event, seconds, { ...more, ...says('database', isUp) }))
  const unlike = fc.uniqueArray(anySign, { selector: ({ timeUs }) => timeUs, maxLength: 40 })
  fc.assert(
    fc.property(unlike, (signs) => {
      const answer = states(...signs)
      expect(states(...[...signs].reverse())).toEqual(answer)
      const keys = answer.map(({ kind, name }) => `${kind} ${name}`)
      expect(new Set(keys).size).toBe(keys.length)
    }),
  )
})
