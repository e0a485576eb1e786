import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parsePlainLine, type LogRecord } from '@pixsim7/record'
import { freePort, startNode, tempDir, type Program } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')
const TSX = path.join(ROOT, 'node_modules/tsx/dist/cli.mjs')

interface Run {
  readonly program: Program
  /** Records in a log file of the folder it runs in, but for the library's own. */
  records(file: string): LogRecord[]
}

async function start(example: string, env: Record<string, string> = {}): Promise<Run> {
  const cwd = await tempDir()
  const program = startNode(TSX, [path.join(ROOT, 'examples', example)], {
    cwd,
    env: { NO_COLOR: '1', ...env },
  })
  return {
    program,
    records(file) {
      const lines = readFileSync(path.join(cwd, 'data/logs', file), 'utf8')
        .trimEnd()
        .split('\n')
      return lines
        .flatMap((line) => parsePlainLine(line) ?? [])
        .filter(({ logger }) => logger !== 'pixsim7.logging')
    },
  }
}

async function startServer(example: string): Promise<Run & { url: string }> {
  const run = await start(example, { PORT: String(await freePort()) })
  const [url] = await run.program.waitForLine(/http:\/\/127\.0\.0\.1:\d+/)
  return { ...run, url }
}

const ended = { code: 0, stderr: '' }
const told = (records: readonly LogRecord[]) =>
  records.map(({ logger, level, message }) => [logger, level, message])

describe('the example', () => {
  it('script.ts logs what it did, each line with its video, and hides the key', async () => {
    const { program, records } = await start('script.ts')
    expect(await program.exit).toMatchObject(ended)
    expect(program.stdout).toMatch(/^script logs to \S+script\.log/)
    expect(told(records('script.log'))).toEqual([
      ['video_import', 'INFO', 'Video imported'],
      ['video_import', 'ERROR', 'Video not imported'],
      ['video_import', 'INFO', 'Video imported'],
    ])
    expect(records('script.log').map(({ fields }) => fields['video_id'])).toEqual([1, 2, 3])
    expect(records('script.log')[0]?.fields).toMatchObject({ api_key: '[redacted]' })
    expect(records('errors.log')).toHaveLength(1)
  })

  it('http-server.ts gives all lines of a request one id, and ends when asked to', async () => {
    const { program, records, url } = await startServer('http-server.ts')
    await (await fetch(`${url}/jobs/5?token=hunter2`)).text()
    await (await fetch(`${url}/nothing`)).text()
    program.kill('SIGTERM')
    expect(await program.exit).toMatchObject(ended)
    const [job, first, second, stopping] = records('backend.log')
    expect(job).toMatchObject({ logger: 'jobs', fields: { job_id: 5 } })
    expect(first?.fields).toMatchObject({ method: 'GET', path: '/jobs/5', status_code: 200 })
    expect(first?.fields['request_id']).toBe(job?.fields['request_id'])
    expect(second?.fields).toMatchObject({ path: '/nothing', status_code: 404 })
    expect(second?.fields['request_id']).not.toBe(first?.fields['request_id'])
    expect(stopping?.message).toBe('Stopping')
  })

  it('fastify-app.ts logs requests, what the handler called, and a library made for pino', async () => {
    const { program, records, url } = await startServer('fastify-app.ts')
    for (const place of ['jobs/5', 'health', 'fails']) await (await fetch(`${url}/${place}`)).text()
    program.kill('SIGTERM')
    expect(await program.exit).toMatchObject(ended)
    const all = records('backend.log')
    expect(all.find(({ logger }) => logger === 'jobs')?.fields).toMatchObject({
      request_id: 'req-1',
      job_id: 5,
    })
    expect(all.find(({ logger }) => logger === 'video_client')).toMatchObject({
      message: 'Submitting with 3 tries',
      fields: { request_id: 'req-1', job_id: 5, provider_id: 'pixverse', prompt_length: 5 },
    })
    const completed = all.filter(({ message }) => message === 'request completed')
    expect(completed.map(({ fields }) => [fields['request_id'], fields['status_code']])).toEqual([
      ['req-1', 200],
      ['req-3', 500],
    ])
    expect(records('errors.log').map(({ fields }) => fields['error'])).toEqual(['Error: no such video'])
  })

  it('queue-worker.ts tells of each job by events, and keeps the contexts of jobs apart', async () => {
    const { program, records } = await start('queue-worker.ts')
    expect(await program.exit).toMatchObject(ended)
    const all = records('worker.log')
    const jobsOf = (event: string) =>
      all.filter(({ fields }) => fields['event'] === event).map(({ fields }) => fields['job_id'])
    expect(jobsOf('job_started').sort()).toEqual([1, 2, 3, 4])
    expect(jobsOf('job_completed').sort()).toEqual([1, 2, 4])
    expect(jobsOf('job_failed')).toEqual([3])
    const generating = all.filter(({ logger }) => logger === 'generator')
    expect(generating).toHaveLength(4)
    for (const { fields } of generating) {
      expect(fields).toMatchObject({ job_id: fields['seed'], user_id: 10 + Number(fields['seed']) })
    }
    expect(records('errors.log')[0]?.fields).toMatchObject({ event: 'job_failed', user_id: 13 })
  })
})
