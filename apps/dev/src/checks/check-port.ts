/** Checks that a service will be able to listen where its settings say. */
import { connect, createServer } from 'node:net'
import type { Listener } from '../settings/launcher-settings.ts'
import { findPortHolder, type PortHolder } from './port-holder.ts'

const CONNECT_TIMEOUT_MS = 1000

/** The code of the error that listening ends with; undefined when it works. */
function tryToListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** True when somebody answers. BSD systems let a second program listen on one address of a port that is taken on all. */
function isAnswered(host: string, port: number): Promise<boolean> {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: CONNECT_TIMEOUT_MS })
    const end = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}

function describeHolder(holder: PortHolder | undefined): string {
  if (holder === undefined) return 'another program (the system does not say which; `ss -ltnp` as root does)'
  return `process ${holder.pid}${holder.command === '' ? '' : ` (${holder.command})`}`
}

/**
 * What is wrong with the port, with what to do about it; undefined when it is free, or held by `ownPid` (a server of ours
 * that will be used as it is).
 */
export async function checkPort(listener: Listener, ownPid: number | undefined): Promise<string | undefined> {
  const { title, host, port, variable } = listener
  const code = (await tryToListen(host, port)) ?? ((await isAnswered(host, port)) ? 'EADDRINUSE' : undefined)
  if (code === undefined) return undefined
  const elsewhere = `set ${variable} to another port`
  switch (code) {
    case 'EADDRINUSE': {
      const holder = findPortHolder(port)
      if (ownPid !== undefined && (holder === undefined || holder.pid === ownPid)) return undefined
      return `Port ${port} (${title}) is taken by ${describeHolder(holder)}: end it, or ${elsewhere}.`
    }
    case 'EACCES':
      return `Port ${port} (${title}) may not be used by this user: ${elsewhere} above 1023.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `The ${title} cannot listen on ${host}: this machine has no such address.`
    default:
      return `The ${title} cannot listen on ${host}:${port} (${code}): ${elsewhere}.`
  }
}
