/** What ends the log server, or keeps it from starting, is in errors.log with its stack, like everybody's. */
import { startNode, tempDir } from '@pixsim7/testkit'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect, test } from 'vitest'
import { environmentOf, MAIN, projectFolder, startLogServer } from './running-log-server.ts'

const JSON_LINES = { JSON_LOGS: 'true' }

function lastLine(folder: string, file: string): Record<string, unknown> {
  const lines = readFileSync(path.join(folder, 'data/logs', file), 'utf8')
    .trim()
    .split('\n')
  return JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>
}

test.each([
  [`setTimeout(() => { throw new TypeError('planted') })`, 'Uncaught exception'],
  [`void Promise.reject(new TypeError('planted'))`, 'Unhandled promise rejection'],
])('after %s it ends with CRITICAL "%s"', async (code, message) => {
  const folder = await projectFolder()
  // A mistake outside of everything that is caught, which no request can bring about.
  const plant = `process.on('SIGUSR2', () => { ${code} })`
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(plant)}`
  const server = await startLogServer(folder, { env: { ...JSON_LINES, NODE_OPTIONS } })
  server.program.signal('SIGUSR2')
  expect((await server.program.exit).code).toBe(1)
  const line = lastLine(folder, 'errors.log')
  expect(line).toMatchObject({
    level: 'CRITICAL',
    logger: 'process',
    message,
    component: 'logserver',
    exception: expect.stringMatching(/^TypeError: planted\n {4}at /),
  })
  expect({ ...lastLine(folder, 'logserver.log'), component: 'logserver' }).toEqual(line)
})

test('a start that fails is told on stderr in words and in errors.log with the error', async () => {
  const folder = await tempDir()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as { port: number }
  const env = environmentOf({
    ...JSON_LINES,
    LOGS_PORT: String(port),
    LOG_DIR: path.join(folder, 'data/logs'),
  })
  const errors = { ERROR_LOG_FILE: path.join(folder, 'data/logs/errors.log') }
  const { code, stderr } = await startNode(MAIN, [], { cwd: folder, env: { ...env, ...errors } }).exit
  other.close()
  expect(code).toBe(1)
  expect(stderr).toMatch(/^Port \d+ at 127\.0\.0\.1 is taken by another program/)
  expect(lastLine(folder, 'errors.log')).toMatchObject({
    level: 'CRITICAL',
    logger: 'log_server',
    message: 'Log server could not start',
    event: 'sys_start_failed',
    component: 'logserver',
    exception: expect.stringContaining(`Port ${port}`),
  })
})
