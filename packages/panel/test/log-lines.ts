import { formatJsonRecord, type Level } from '@pixsim7/record'
import { appendFile } from 'node:fs/promises'
import path from 'node:path'

/** A line of a log file as a test wants it; what it leaves out is filled in. */
export interface Line {
  readonly level?: Level
  readonly logger?: string
  readonly message: string
  /** Milliseconds before `NOW_MS`; default 0. */
  readonly agoMs?: number
  readonly exception?: string
  readonly function?: string
  readonly line?: number
  readonly fields?: Readonly<Record<string, unknown>>
}

/** The moment the lines of a test file count back from. */
export const NOW_MS = Date.now()

export const STACK = [
  'ProviderTimeoutError: Pixverse did not answer within 30000 ms',
  '    at PixverseProvider.execute (/srv/pixsim7/src/providers/pixverse.ts:118:13)',
  '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
  '    at async JobProcessor.submit (/srv/pixsim7/src/worker/job-processor.ts:87:22)',
  '  [cause]: ConnectTimeoutError: Connect Timeout Error',
  '    at onConnectTimeout (node:internal/deps/undici/undici:1841:28)',
].join('\n')

/** Markup that would run if it were ever read as markup, and characters that would not show. */
export const HOSTILE_MESSAGE =
  '<script>window.wasRun = 1</script><img src=x onerror="window.wasRun = 2"> admin\u202egpj.exe \u001b[31mred'

/** 260 backend lines over two hours, 40 worker lines with two failed jobs, and one hostile line. */
export function sampleLines(): { backend: Line[]; worker: Line[] } {
  const backend = Array.from({ length: 260 }, (_, index): Line => {
    const isSlow = index % 20 === 0
    return {
      level: isSlow ? 'WARNING' : index % 10 === 5 ? 'DEBUG' : 'INFO',
      logger: isSlow ? 'database.session' : 'api.http',
      message: isSlow ? `Slow query ${index}` : `GET /api/v1/jobs/${index} 200`,
      agoMs: 7_200_000 - index * 27_000,
      fields: { user_id: index % 7, request_id: `request-${index}`, status_code: 200, duration_ms: index },
    }
  })
  const worker = Array.from({ length: 40 }, (_, index): Line => {
    const fields = { user_id: index % 3, job_id: 100 + Math.floor(index / 4), attempt: 1 }
    if (index === 12 || index === 30) {
      return {
        level: 'ERROR',
        logger: 'job_processor',
        message: 'Failed to submit job: API timeout',
        exception: STACK,
        function: 'JobProcessor.process_job',
        line: 45,
        agoMs: 7_000_000 - index * 60_000,
        fields: { ...fields, nested: { provider: 'pixverse', codes: [1, 2] } },
      }
    }
    return {
      level: index === 20 ? 'CRITICAL' : 'INFO',
      logger: 'job_processor',
      message: index === 20 ? 'Database connection lost' : `Processing job #${100 + Math.floor(index / 4)}`,
      agoMs: 7_000_000 - index * 60_000,
      fields,
    }
  })
  worker.push({
    level: 'WARNING',
    logger: '<b>evil</b>',
    message: HOSTILE_MESSAGE,
    agoMs: 60_000,
    fields: { '<i>key</i>': '<svg onload=window.wasRun=3>' },
  })
  return { backend, worker }
}

/** Appends lines to a component's file, as the library writes them. */
export async function appendLines(folder: string, component: string, lines: readonly Line[]): Promise<void> {
  const text = lines
    .map((line) =>
      formatJsonRecord({
        timestamp: new Date(NOW_MS - (line.agoMs ?? 0)).toISOString().replace('Z', '456Z'),
        level: line.level ?? 'INFO',
        logger: line.logger ?? 'api.http',
        message: line.message,
        module: (line.logger ?? 'api.http').replace(/\W/g, '_'),
        function: line.function ?? 'handle',
        line: line.line ?? 1,
        ...(line.exception === undefined ? {} : { exception: line.exception }),
        fields: line.fields ?? {},
      }),
    )
    .map((line) => `${line}\n`)
    .join('')
  await appendFile(path.join(folder, `${component}.log`), text)
}
