import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { replaceLevelRules, type LevelRule } from '@pixsim7/files'
import { parseJsonLine } from '@pixsim7/record'
import { tempDir } from '@pixsim7/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fastifyLogger } from '../adapters/fastify.ts'
import { closeLogging, flushLogging } from '../lifetime.ts'
import { LogContext } from '../log-context.ts'
import { getLogger } from '../logger.ts'
import { setupLogging } from '../setup.ts'
import type { SetupOptions } from '../setup-options.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await closeLogging()
})

const MINUTE_MS = 60_000
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()
const rule = (id: string, more: Partial<LevelRule>): LevelRule => ({
  id,
  level: 'DEBUG',
  expires_at: inMs(10 * MINUTE_MS),
  by: 'admin',
  ...more,
})

async function setup(rules: LevelRule[] = [], options: Partial<SetupOptions> = {}) {
  const cwd = await tempDir()
  const levels = path.join(cwd, 'data/logs/levels.json')
  if (rules.length > 0) replaceLevelRules(levels, rules)
  const { file } = setupLogging({
    component: 'backend',
    cwd,
    env: {},
    json: true,
    handleSignals: false,
    captureUncaught: false,
    captureWarnings: false,
    console: 'off',
    ...options,
  })
  const records = async () => {
    await flushLogging()
    return readFileSync(file, 'utf8').split('\n').flatMap((line) => parseJsonLine(line) ?? []) // prettier-ignore
  }
  return {
    levels,
    /** Rules as a tool changes them, followed within two looks. */
    follow(next: LevelRule[]) {
      replaceLevelRules(levels, next)
      vi.advanceTimersByTime(2000)
    },
    messages: async () =>
      (await records()).filter(({ logger }) => logger !== 'pixsim7.logging').map(({ message }) => message),
    events: async (name: string) =>
      (await records()).flatMap(({ fields, level }) =>
        fields['event'] === name ? [{ level, ...fields }] : [],
      ),
  }
}

describe('a rule by logger', () => {
  it('reaches loggers that exist, children and new ones, at the start and while running', async () => {
    const { follow, messages } = await setup([rule('r', { logger: 'early' })])
    getLogger('early').debug('from the first line on')
    const old = getLogger('provider.pixverse')
    const child = old.with({ a: 1 })
    old.debug('not yet')
    follow([rule('r', { logger: 'provider.*' })])
    old.debug('existing')
    child.debug('child')
    getLogger('provider.sora').debug('new')
    getLogger('other').debug('not meant')
    getLogger('early').debug('over')
    expect(old.isEnabled('debug')).toBe(true)
    expect(getLogger('other').isEnabled('debug')).toBe(false)
    fastifyLogger('provider.http').debug('adapter')
    expect(fastifyLogger('provider.http').level).toBe('debug')
    expect(await messages()).toEqual(['from the first line on', 'existing', 'child', 'new', 'adapter'])
  })

  it('raises the level as well; the last one wins', async () => {
    const { messages } = await setup([
      rule('all', { logger: '*', level: 'ERROR' }),
      rule('one', { logger: 'x', level: 'WARNING' }),
    ])
    getLogger('y').warning('y')
    getLogger('x').warning('x')
    getLogger('x').info('x info')
    getLogger('y').error('y error')
    expect(await messages()).toEqual(['x', 'y error'])
  })

  it('ends when its time is over, when it is taken away and when logging is closed', async () => {
    const { follow, messages, events } = await setup([
      rule('short', { logger: 'a', expires_at: inMs(MINUTE_MS) }),
      rule('long', { logger: 'b' }),
    ])
    const both = (text: string) => {
      getLogger('a').debug(`a ${text}`)
      getLogger('b').debug(`b ${text}`)
    }
    both('1')
    vi.advanceTimersByTime(MINUTE_MS + 1000)
    both('2')
    follow([])
    both('3')
    expect(await messages()).toEqual(['a 1', 'b 1', 'b 2'])
    expect(await events('level_changed')).toMatchObject([
      { rule: 'short', change: 'set' },
      { rule: 'long', change: 'set' },
      { rule: 'short', change: 'expired' },
      { rule: 'long', change: 'removed' },
    ])
    follow([rule('last', { logger: 'a' })])
    await closeLogging()
    expect(getLogger('a').isEnabled('debug')).toBe(false)
  })
})

describe('a rule by field', () => {
  it('is for calls whose context, logger or own fields have the value, as number or text', async () => {
    const { messages } = await setup([rule('u', { field: 'user_id', value: 42 })])
    const logger = getLogger('x')
    logger.debug('nobody')
    LogContext.run({ user_id: 42 }, () => logger.debug('context'))
    LogContext.run({ user_id: '42' }, () => logger.debug('as text'))
    LogContext.run({ user_id: 421 }, () => logger.debug('another'))
    logger.with({ user_id: 42 }).debug('logger')
    logger.debug('call', { user_id: 42 })
    logger.debug({ user_id: 42 }, 'fields first')
    LogContext.run({ user_id: 42 }, () => logger.debug('the call says another', { user_id: 1 }))
    logger.debug('odd', { user_id: { toString: () => '42' } })
    logger.debug('throws', Object.defineProperty({}, 'user_id', { get: () => { throw new Error('no') } })) // prettier-ignore
    expect(await messages()).toEqual(['context', 'as text', 'logger', 'call', 'fields first'])
    expect(logger.isEnabled('debug')).toBe(false)
    expect(LogContext.run({ user_id: 42 }, () => logger.isEnabled('debug'))).toBe(true)
    expect(logger.with({ user_id: 42 }).isEnabled('debug')).toBe(true)
  })

  it('wins over one that only names loggers, whichever comes first, and may do both', async () => {
    const { messages } = await setup([
      rule('job', { field: 'job_id', value: 'j', logger: 'x' }),
      rule('quiet', { logger: '*', level: 'ERROR' }),
      rule('spam', { field: 'user_id', value: 'loud', level: 'CRITICAL' }),
    ])
    LogContext.run({ job_id: 'j' }, () => {
      getLogger('x').debug('x')
      getLogger('y').warning('y')
    })
    LogContext.run({ user_id: 'loud' }, () => {
      getLogger('x').error('shouted')
      getLogger('x').critical('heard')
    })
    expect(await messages()).toEqual(['x', 'heard'])
  })

  it('does not match what every object has by itself', async () => {
    const { messages } = await setup([rule('r', { field: 'constructor', value: 'Object' })])
    LogContext.run({ a: 1 }, () => getLogger('x').debug('no', {}))
    expect(await messages()).toEqual([])
  })

  it('leaves loggers alone that it does not name: a disabled level is not even looked at', async () => {
    await setup([rule('r', { logger: 'x', field: 'user_id', value: 42 })])
    const { loggerState } = await import('../core/levels.ts')
    expect(loggerState('x')).toMatchObject({ threshold: 10, isLookedAt: true })
    expect(loggerState('y')).toMatchObject({ threshold: 20, isLookedAt: false })
  })
})

describe('what must stay', () => {
  it('audit, security and the library itself cannot be made to say less, only more', async () => {
    const { messages, events } = await setup([
      rule('off', { logger: '*', level: 'CRITICAL' }),
      rule('me', { field: 'user_id', value: 1, level: 'CRITICAL' }),
      rule('more', { logger: 'audit.login', level: 'DEBUG' }),
    ])
    LogContext.run({ user_id: 1 }, () => {
      getLogger('audit').info('audit')
      getLogger('security.keys').info('security')
      getLogger('auditor').info('only called so')
    })
    getLogger('audit.login').debug('more')
    expect(await messages()).toEqual(['audit', 'security', 'more'])
    expect(await events('level_changed')).toHaveLength(3)
  })

  it('each change is logged, whatever the level in force, and no secret with it', async () => {
    const until = inMs(MINUTE_MS)
    const { follow, events } = await setup([], { level: 'CRITICAL' })
    follow([rule('r', { logger: 'x*', field: 'password', value: 'hunter2', expires_at: until })])
    follow([rule('r', { logger: 'x*', field: 'user_id', value: 7, level: 'ERROR', expires_at: until })])
    vi.advanceTimersByTime(5000)
    expect(await events('level_changed')).toMatchObject([
      { rule: 'r', change: 'set', where: { password: '[redacted]' }, to_level: 'debug' },
      { level: 'INFO', rule: 'r', change: 'set', for_logger: 'x*', where: { user_id: 7 }, to_level: 'error', by: 'admin', until }, // prettier-ignore
    ])
  })

  it('a new order is a change, the same rules written again are none', async () => {
    const rules = [rule('a', { logger: 'x' }), rule('b', { logger: 'x', level: 'ERROR' })]
    const { follow, events } = await setup(rules)
    follow(rules)
    expect(await events('level_changed')).toHaveLength(2)
    follow(rules.toReversed())
    expect(await events('level_changed')).toHaveLength(4)
    expect(getLogger('x').isEnabled('debug')).toBe(true)
  })
})

describe('a levels file with a mistake', () => {
  it('changes nothing and is told once for each; what is right again is followed', async () => {
    const { levels, follow, events } = await setup([rule('r', { logger: 'x' })])
    writeFileSync(levels, '{"version":1,"rules":[{"id":"r"')
    vi.advanceTimersByTime(5000)
    expect(getLogger('x').isEnabled('debug')).toBe(true)
    expect(await events('levels_file_ignored')).toMatchObject([
      { level: 'WARNING', file: levels, reason: expect.stringContaining('no JSON') as string },
    ])
    writeFileSync(levels, '{"version":2,"rules":[]}')
    vi.advanceTimersByTime(5000)
    expect(await events('levels_file_ignored')).toHaveLength(2)
    follow([rule('r', { logger: 'y' })])
    expect([getLogger('x').isEnabled('debug'), getLogger('y').isEnabled('debug')]).toEqual([false, true])
  })

  it('lets the rules before it end in their time', async () => {
    const { levels } = await setup([rule('r', { logger: 'x', expires_at: inMs(MINUTE_MS) })])
    writeFileSync(levels, 'no')
    vi.advanceTimersByTime(MINUTE_MS + 1000)
    expect(getLogger('x').isEnabled('debug')).toBe(false)
  })

  it('that is removed has no rules', async () => {
    const { levels, events } = await setup([rule('r', { logger: 'x' })])
    rmSync(levels)
    vi.advanceTimersByTime(1000)
    expect(getLogger('x').isEnabled('debug')).toBe(false)
    expect(await events('levels_file_ignored')).toEqual([])
  })

  it('rewritten in place with the same size is followed as well', async () => {
    const { levels } = await setup([rule('r', { logger: 'x' })])
    const text = readFileSync(levels, 'utf8')
    for (const name of ['y', 'z']) {
      writeFileSync(levels, text.replace('"x"', `"${name}"`))
      vi.advanceTimersByTime(1000)
      expect(getLogger(name).isEnabled('debug')).toBe(true)
    }
  })
})

describe('the file itself', () => {
  it.each<[string, Partial<SetupOptions>, string | undefined]>([
    ['LOG_LEVELS_FILE', { env: { LOG_LEVELS_FILE: 'run/l.json' } }, 'run/l.json'],
    ['the option', { levelsFile: 'l.json', env: { LOG_LEVELS_FILE: 'run/l.json' } }, 'l.json'],
    ['LOG_DIR', { env: { LOG_DIR: 'elsewhere' } }, 'elsewhere/levels.json'],
    ['false', { levelsFile: false }, undefined],
  ])('is where %s says', async (_name, options, expected) => {
    const cwd = await tempDir()
    for (const name of ['run/l.json', 'l.json', 'elsewhere/levels.json', 'data/logs/levels.json'])
      replaceLevelRules(path.join(cwd, name), [rule('r', { logger: name })])
    await setup([], { ...options, cwd })
    const followed = ['run/l.json', 'l.json', 'elsewhere/levels.json', 'data/logs/levels.json'].filter(
      (name) => getLogger(name).isEnabled('debug'),
    )
    expect(followed).toEqual(expected === undefined ? [] : [expected])
  })

  it('may not be one of the files for lines', async () => {
    await expect(setup([], { levelsFile: 'l.log', file: 'l.log' })).rejects.toThrow('LOG_LEVELS_FILE')
  })
})
