import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { checkPort } from './check-port.ts'

const servers: Server[] = []

/** Listens on a port that the system chooses, and returns it. */
function listen(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    servers.push(server)
    server.once('error', reject).listen(0, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map(close))
})

const listener = (port: number, host = '127.0.0.1') => ({ title: 'backend', host, port, variable: 'PORT' })

describe('checking a port', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '0.0.0.0'],
    ['0.0.0.0', '127.0.0.1'],
  ])('tells who holds it on %s when it is wanted on %s, and what to set', async (held, wanted) => {
    const port = await listen(held)
    const problem = await checkPort(listener(port, wanted), undefined)
    expect(problem).toContain(`Port ${port} (backend) is taken by process ${process.pid} (`)
    expect(problem).toContain('set PORT to another port')
  })

  it('finds nothing wrong with a free one', async () => {
    const port = await listen('127.0.0.1')
    await Promise.all(servers.splice(0).map(close))
    expect(await checkPort(listener(port), undefined)).toBeUndefined()
  })

  it('accepts one that a server of ours holds already, and only that', async () => {
    const port = await listen('127.0.0.1')
    expect(await checkPort(listener(port), process.pid)).toBeUndefined()
    expect(await checkPort(listener(port), process.pid + 1)).toContain('is taken')
  })

  it('reports an address that this machine does not have', async () => {
    expect(await checkPort(listener(1, '192.0.2.1'), undefined)).toContain('no such address')
  })
})
