import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { parseJsonLine, type LogRecord } from '@pixsim7/record'
import { freePort, tempDir } from '@pixsim7/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { closeLogging, flushLogging, LogContext, setupLogging, type SetupOptions } from '../index.ts'

let server: Server | undefined

afterEach(async () => {
  await closeLogging()
  server?.closeAllConnections()
  server?.close()
})

async function setup(options: Partial<SetupOptions> = {}) {
  const { file } = setupLogging({
    component: 'backend',
    cwd: await tempDir(),
    env: {},
    json: true,
    level: 'DEBUG',
    handleSignals: false,
    captureOutgoingHttp: true,
    ...options,
  })
  return async (): Promise<LogRecord[]> => {
    await flushLogging()
    const records = readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => parseJsonLine(line) ?? [])
    return records.filter(({ logger }) => logger === 'outgoing_http')
  }
}

async function serve(): Promise<string> {
  const listening = createServer((request, response) => {
    if (request.url?.startsWith('/break') === true) {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
      return
    }
    response.statusCode = request.url?.startsWith('/missing') === true ? 404 : 200
    response.end('ok')
  })
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(listening.address() as AddressInfo).port}`
}

describe('captureOutgoingHttp', () => {
  it('logs requests of fetch with method, host, status and time, without query, user or password', async () => {
    const records = await setup()
    const host = await serve()
    await (await fetch(`http://${host}/videos/5?api_key=hunter2&x=1`, { method: 'POST', body: 'a' })).text()
    await (await fetch(`http://${host}/missing?token=hunter2`)).text()
    const [first, second, ...more] = await records()
    expect(more).toEqual([])
    expect(first).toMatchObject({ level: 'DEBUG', message: 'Outgoing request answered' })
    expect(first?.fields).toEqual({
      method: 'POST',
      host,
      path: '/videos/5',
      status_code: 200,
      duration_ms: expect.any(Number) as number,
    })
    expect(second?.fields).toMatchObject({ path: '/missing', status_code: 404 })
    expect(JSON.stringify([first, second])).not.toContain('hunter2')
  })

  it('keeps the contexts of requests under way at the same time apart', async () => {
    const records = await setup()
    const host = await serve()
    const jobs = Array.from({ length: 50 }, (_, job) => job)
    const send = async (job: number) => (await fetch(`http://${host}/jobs/${job}`)).text()
    await Promise.all(jobs.map((job) => LogContext.run({ job_id: job }, () => send(job))))
    const logged = await records()
    expect(logged).toHaveLength(50)
    for (const { fields } of logged) expect(fields['path']).toBe(`/jobs/${String(fields['job_id'])}`)
  })

  it('logs a request that nobody answers, and one whose answer breaks off, with the error', async () => {
    const records = await setup()
    const nowhere = `127.0.0.1:${await freePort()}`
    await expect(fetch(`http://${nowhere}/jobs`)).rejects.toThrow()
    const broken = await fetch(`http://${await serve()}/break`)
    await expect(broken.text()).rejects.toThrow()
    const [refused, answered, brokeOff] = await records()
    expect(refused).toMatchObject({
      level: 'DEBUG',
      message: 'Outgoing request failed',
      fields: { host: nowhere },
    })
    expect(refused?.exception).toContain('ECONNREFUSED')
    expect(answered).toMatchObject({ message: 'Outgoing request answered' })
    expect(brokeOff).toMatchObject({ message: 'Outgoing request failed', fields: { path: '/break' } })
  })

  it('logs nothing unless asked to, above DEBUG, and after closeLogging', async () => {
    const host = await serve()
    const send = async () => (await fetch(`http://${host}/`)).text()
    for (const options of [{ captureOutgoingHttp: false }, { level: 'INFO' as const }]) {
      const records = await setup(options)
      await send()
      expect(await records()).toEqual([])
      await closeLogging()
    }
    const records = await setup()
    await send()
    expect(await records()).toHaveLength(1)
    await closeLogging()
    await send()
    expect(await records()).toHaveLength(1)
  })
})
