import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPidFile } from '../src/pid-file.ts'
import { identifyProcess } from '../src/process/process-table.ts'
import { freePort, Stage, until } from './launcher-harness.ts'

let stage: Stage

beforeEach(() => {
  stage = new Stage()
})

afterEach(async () => {
  await stage.close()
})

describe('starting', () => {
  it('starts each service after those it needs, and prints the summary when all are ready', async () => {
    const services = [
      stage.service('first', ['slow=100']),
      stage.service('second', [], { after: ['first'] }),
      stage.service('third', [], { after: ['first', 'second'] }),
    ]
    const launch = stage.launch(services)
    await launch.says('SUMMARY')
    const order = stage.journal().map(({ event, name }) => `${event} ${name}`)
    expect(order).toEqual([
      'start first',
      'ready first',
      'start second',
      'ready second',
      'start third',
      'ready third',
    ])
    expect(launch.output).toMatch(/first +starting …\n[^]*first +ready in \d/)
  })

  it('takes an HTTP answer for readiness', async () => {
    const port = await freePort()
    const http = { kind: 'http', url: `http://127.0.0.1:${port}/health` } as const
    const launch = stage.launch([stage.service('web', [`port=${port}`, 'silent'], { readiness: http })])
    await launch.says('SUMMARY')
  })

  it('hands the announcement to the summary and shows it nowhere else', async () => {
    const launch = stage.launch([stage.service('first')])
    await launch.says('SUMMARY {"name":"first","secret":"swordfish"}')
    expect(launch.output.split('swordfish')).toHaveLength(2)
    expect(readFileSync(stage.pidFile, 'utf8')).not.toContain('swordfish')
  })

  it('reports all problems together and starts nothing', async () => {
    const launch = stage.launch([stage.service('first')], { problems: ['This is wrong.', 'That too.'] })
    expect(await launch.exited).toBe(1)
    expect(launch.output).toContain('START_REFUSED')
    expect(launch.output).toContain('- This is wrong.\n  - That too.')
    expect(stage.journal()).toEqual([])
  })
})

describe('a service that dies', () => {
  it('is reported with its last lines and started again', async () => {
    const launch = stage.launch([
      stage.service('first', ['says=\u001b[31mdatabase at postgres://me:hunter2@host/db']),
      stage.service('second'),
    ])
    await launch.says('SUMMARY')
    const before = stage.journal().find(({ name }) => name === 'first')?.pid ?? 0
    process.kill(before, 'SIGKILL')
    await until(
      'it is started again',
      () => stage.noted('ready').filter((name) => name === 'first').length === 2,
    )
    await launch.says('its last lines:')
    expect(launch.output).toMatch(/first +was ended by SIGKILL; next attempt in 0\.1 s; its last lines:/)
    expect(launch.output).toContain('database at postgres://me:•••@host/db')
    expect(launch.output).not.toContain('\u001b')
    expect(stage.noted('start').filter((name) => name === 'second')).toHaveLength(1)
  })

  it('takes what it had started with it before it is started again', async () => {
    const launch = stage.launch([stage.service('first', ['child'])])
    await launch.says('SUMMARY')
    await until('its child runs', () => stage.noted('start').includes('first-child'))
    const child = stage.journal().find(({ name }) => name === 'first-child')?.pid ?? 0
    process.kill(stage.journal()[0]?.pid ?? 0, 'SIGKILL')
    await until(
      'it is started again',
      () => stage.noted('ready').filter((name) => name === 'first').length === 2,
    )
    expect(identifyProcess(child)).toBeUndefined()
  })

  it('is given up when it never comes up, and everything is stopped', async () => {
    const launch = stage.launch([
      stage.service('first'),
      stage.service('second', ['dies'], { logFile: '/logs/second.log' }),
    ])
    expect(await launch.exited).toBe(1)
    expect(stage.noted('start').filter((name) => name === 'second')).toHaveLength(3)
    expect(stage.noted('end')).toEqual(['first'])
    expect(stage.survivors()).toEqual([])
    expect(launch.output).toContain('something is wrong')
    expect(launch.output).toContain(
      'SERVICE_FAILED: second does not start: it ended with status 3, 3 times in a row. Its log: /logs/second.log.',
    )
    expect(launch.output).toContain('LAST WORDS {"name":"first"')
  })

  it('is not given up once it was ready', async () => {
    const marker = path.join(stage.folder, 'marker')
    writeFileSync(marker, '')
    const launch = stage.launch([stage.service('first', [`dies-until=${marker}`])])
    await launch.says('SUMMARY')
    const { unlinkSync } = await import('node:fs')
    unlinkSync(marker)
    process.kill(stage.journal()[0]?.pid ?? 0, 'SIGKILL')
    await until('it has failed more often than a first start may', () => stage.noted('start').length > 5)
    writeFileSync(marker, '')
    await until('it is ready again', () => stage.noted('ready').length === 2)
    launch.child.kill('SIGTERM')
    expect(await launch.exited).toBe(0)
  })

  it('counts as failed when it is not ready in time', async () => {
    const launch = stage.launch([stage.service('mute', ['silent'], { startTimeoutMs: 500 })])
    expect(await launch.exited).toBe(1)
    expect(launch.output).toContain('mute does not start: it was not ready after 1 s')
    expect(stage.survivors()).toEqual([])
  })

  it('is reported when its program does not exist', async () => {
    const launch = stage.launch([stage.service('ghost', [], { command: ['/nowhere/program'] })])
    expect(await launch.exited).toBe(1)
    expect(launch.output).toContain('could not be started: spawn /nowhere/program ENOENT')
  })
})

describe('stopping', () => {
  const list = () => [
    stage.service('database', ['slow=150']),
    stage.service('api', ['slow=150'], { after: ['database'] }),
    stage.service('traffic', ['slow=150'], { after: ['api'] }),
  ]

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'on %s ends one after the other, the last started first, with status 0',
    async (signal) => {
      const launch = stage.launch(list())
      await launch.says('SUMMARY')
      launch.child.kill(signal)
      expect(await launch.exited).toBe(0)
      const order = stage.journal().filter(({ event }) => event === 'term' || event === 'end')
      expect(order.map(({ event, name }) => `${event} ${name}`)).toEqual([
      'term traffic', 'end traffic', 'term api', 'end api', 'term database', 'end database',
    ]) // prettier-ignore
      expect(stage.survivors()).toEqual([])
      expect(readPidFile(stage.pidFile)).toBeUndefined()
    },
  )

  it('works while services are still starting', async () => {
    const launch = stage.launch([
      stage.service('first', ['silent']),
      stage.service('second', [], { after: ['first'] }),
    ])
    await until('the first is started', () => stage.noted('start').includes('first'))
    launch.child.kill('SIGINT')
    expect(await launch.exited).toBe(0)
    expect(stage.noted('start')).toEqual(['first'])
    expect(stage.survivors()).toEqual([])
  })

  it('works while a dead service waits to be started again', async () => {
    const marker = path.join(stage.folder, 'marker')
    writeFileSync(marker, '')
    const launch = stage.launch([stage.service('first'), stage.service('second', [`dies-until=${marker}`])])
    await launch.says('SUMMARY')
    const { unlinkSync } = await import('node:fs')
    unlinkSync(marker)
    process.kill(stage.journal().find(({ name }) => name === 'second')?.pid ?? 0, 'SIGKILL')
    await launch.says('second  was ended by SIGKILL')
    launch.child.kill('SIGINT')
    expect(await launch.exited).toBe(0)
    expect(stage.survivors()).toEqual([])
  })

  it('kills the whole group of a service that does not listen', async () => {
    const launch = stage.launch([stage.service('deaf', ['deaf', 'child'], { stopTimeoutMs: 300 })])
    await launch.says('SUMMARY')
    await until('its child runs', () => stage.noted('start').includes('deaf-child'))
    launch.child.kill('SIGINT')
    expect(await launch.exited).toBe(0)
    expect(stage.noted('term')).toContain('deaf')
    expect(stage.survivors()).toEqual([])
  })

  it('takes the two signals that npm and the terminal make of one Ctrl-C for one', async () => {
    const launch = stage.launch([stage.service('first', ['slow=300'])])
    await launch.says('SUMMARY')
    // Two of the same kind sent at once would arrive as one.
    launch.child.kill('SIGINT')
    launch.child.kill('SIGTERM')
    expect(await launch.exited).toBe(0)
    expect(stage.noted('end')).toEqual(['first'])
  })

  it('kills everything on a second Ctrl-C, with status 130', async () => {
    const launch = stage.launch([stage.service('deaf', ['deaf', 'child'])])
    await launch.says('SUMMARY')
    await until('its child runs', () => stage.noted('start').includes('deaf-child'))
    launch.child.kill('SIGINT')
    await until('it was asked to end', () => stage.noted('term').length > 0)
    // Until the first has been taken for one request, a further one is the same.
    const again = setInterval(() => launch.child.kill('SIGINT'), 200)
    expect(await launch.exited).toBe(130)
    clearInterval(again)
    await until('nothing is left', () => stage.survivors().length === 0)
    expect(readPidFile(stage.pidFile)).toBeUndefined()
  })

  describe('of a server that a service runs outside its group', () => {
    const start = async () => {
      const serverPidFile = path.join(stage.folder, 'postmaster.pid')
      const changes = { serverPidFile, stopTimeoutMs: 1500 }
      const launch = stage.launch([stage.service('database', ['deaf', `server=${serverPidFile}`], changes)])
      await launch.says('SUMMARY')
      await until('the server runs', () => stage.noted('start').includes('database-server'))
      return launch
    }

    it('happens in its own way when the service had to be killed', async () => {
      const launch = await start()
      launch.child.kill('SIGINT')
      expect(await launch.exited).toBe(0)
      expect(stage.noted('SIGINT')).toEqual(['database-server'])
      expect(stage.survivors()).toEqual([])
    })

    it('happens fast on a second Ctrl-C, which is not over before the server has ended', async () => {
      const launch = await start()
      launch.child.kill('SIGINT')
      await until('it was asked to end', () => stage.noted('term').length > 0)
      const again = setInterval(() => launch.child.kill('SIGINT'), 100)
      expect(await launch.exited).toBe(130)
      clearInterval(again)
      expect(stage.noted('SIGQUIT')).toEqual(['database-server'])
      expect(stage.survivors()).toEqual([])
    })
  })

  it('happens when the program that started the launcher disappears', async () => {
    // The shell is the parent; `; true` keeps it from replacing itself by the launcher.
    const launch = stage.launch(list(), { through: ['/bin/sh', '-c', '"$@"; true', 'sh'] })
    await launch.says('SUMMARY')
    launch.child.kill('SIGKILL')
    await until('all have ended', () => stage.noted('end').length === 3)
    await until(
      'nothing is left',
      () => stage.survivors().length === 0 && readPidFile(stage.pidFile) === undefined,
    )
  })
})

describe('two launchers in one folder', () => {
  it('lets the second say so and end, while the first goes on', async () => {
    const first = stage.launch([stage.service('first')])
    await first.says('SUMMARY')
    const second = stage.launch([stage.service('second')])
    expect(await second.exited).toBe(1)
    expect(second.output).toContain(
      `ALREADY_RUNNING: PixSim7 is already running in this folder (process ${first.pid})`,
    )
    expect(stage.noted('start')).toEqual(['first'])
    expect(stage.survivors().map(({ name }) => name)).toEqual(['first'])
    first.child.kill('SIGTERM')
    expect(await first.exited).toBe(0)
  })

  it('ends what one that was killed has left, last started first, and goes on', async () => {
    const services = [stage.service('first'), stage.service('second', ['child'], { after: ['first'] })]
    const killed = stage.launch(services)
    await killed.says('SUMMARY')
    await until('the child runs', () => stage.noted('start').includes('second-child'))
    killed.child.kill('SIGKILL')
    await killed.exited
    expect(stage.survivors().map(({ name }) => name)).toEqual(['first', 'second', 'second-child'])
    const leftovers = stage.survivors().map(({ pid }) => pid)

    const next = stage.launch(services)
    await next.says('SUMMARY')
    expect(stage.noted('end')).toEqual(['second', 'first'])
    expect(leftovers.flatMap((pid) => identifyProcess(pid) ?? [])).toEqual([])
    expect(next.output).toContain('Ending what an earlier start left running: second')
    await until('all run again', () => stage.survivors().length === 3)
    next.child.kill('SIGTERM')
    expect(await next.exited).toBe(0)
    expect(stage.survivors()).toEqual([])
  })

  it.runIf(process.platform === 'linux')(
    'ends also the child of a service that was killed with its launcher',
    async () => {
      const killed = stage.launch([stage.service('first', ['child'])])
      await killed.says('SUMMARY')
      await until('the child runs', () => stage.noted('start').includes('first-child'))
      killed.child.kill('SIGKILL')
      process.kill(stage.journal()[0]?.pid ?? 0, 'SIGKILL')
      await until(
        'only the child is left',
        () =>
          stage
            .survivors()
            .map(({ name }) => name)
            .join() === 'first-child',
      )
      const next = stage.launch([stage.service('second')])
      await next.says('SUMMARY')
      expect(stage.survivors().map(({ name }) => name)).toEqual(['second'])
    },
  )

  it('leaves alone a process that has got a noted pid later', async () => {
    const killed = stage.launch([stage.service('first')])
    await killed.says('SUMMARY')
    killed.child.kill('SIGKILL')
    await killed.exited
    const stranger = stage.journal()[0]?.pid ?? 0
    const content = readPidFile(stage.pidFile)
    const changed = content?.processes.map((process) => ({ ...process, startedAt: 'another time' }))
    // Its mark is another, too.
    writeFileSync(stage.pidFile, JSON.stringify({ ...content, run: 'another', processes: changed }))
    const next = stage.launch([stage.service('second')])
    await next.says('SUMMARY')
    expect(identifyProcess(stranger)).toBeDefined()
    expect(stage.noted('term')).toEqual([])
  })

  it('goes on over a pid file that is cut short', async () => {
    const launch = stage.launch([stage.service('first')])
    await launch.says('SUMMARY')
    launch.child.kill('SIGTERM')
    await launch.exited
    writeFileSync(stage.pidFile, '{"version":1,"run":"ab')
    const next = stage.launch([stage.service('first')])
    await next.says('SUMMARY')
  })
})
