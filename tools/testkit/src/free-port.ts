import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A TCP port nobody listens on at 127.0.0.1, chosen by the operating system. Another program could take it before it is used:
 * where a program can listen on port 0 and say which one it got, prefer that.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('A TCP server on port 0 got no port')
  return address.port
}
