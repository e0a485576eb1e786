/**
 * A small world: a fresh database, a provider simulator, folders for files and logs, and real worker and API processes from
 * `dist/`. Everything ends with the test (or, with lifetime `file`, with the file).
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import {
  cleanUpAfter,
  freePort,
  startNode,
  tempDir,
  waitFor,
  type Lifetime,
  type Program,
} from '@pixsim7/testkit'
import { sealSecrets } from '../src/accounts/account-secrets.ts'
import { openDatabase, type Database } from '../src/database/open-database.ts'
import type { Asset, Job, ProviderAccountRow, ProviderSubmission } from '../src/database/tables.ts'
import type { JobStatus } from '../src/database/values.ts'
import { insertJob } from '../src/jobs/job-repository.ts'
import { defaultSimulatorSettings, type SimulatorSettings } from '../src/provider-simulator/settings.ts'
import { startSimulator, type ProviderSimulator } from '../src/provider-simulator/simulator.ts'
import { enqueueProcessJob } from '../src/queue/enqueue.ts'
import { SecretBox } from '../src/security/secret-box.ts'
import { httpClient } from './http-client.ts'
import type { HttpClient } from './http-client.ts'
import type { TestPostgres } from './with-database.ts'

const SECRET_KEY = 'only-for-tests-0123456789abcdefghijklmnop'
const DIST = path.resolve(import.meta.dirname, '../dist')
/** For one thing to happen; an idle machine needs a fraction of it. */
const PATIENCE_MS = 60_000

/** A line of a log file, parsed. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly level: string
  readonly logger: string
  readonly message: string
}

/** A log file of the world. */
export type LogFile = 'backend.log' | 'worker.log' | 'errors.log'

/** A running API, and how to speak to it. */
export interface WorldApi extends HttpClient {
  readonly program: Program
}

export class WorkerWorld {
  readonly database: Database
  readonly simulator: ProviderSimulator
  readonly folder: string
  readonly #url: string
  readonly #lifetime: Lifetime
  readonly #programs: Program[] = []
  #count = 0

  private constructor(
    database: Database,
    simulator: ProviderSimulator,
    folder: string,
    url: string,
    lifetime: Lifetime,
  ) {
    this.database = database
    this.simulator = simulator
    this.folder = folder
    this.#url = url
    this.#lifetime = lifetime
  }

  static async create(
    postgres: TestPostgres,
    options: { readonly simulator?: Partial<SimulatorSettings>; readonly lifetime?: Lifetime } = {},
  ): Promise<WorkerWorld> {
    const lifetime = options.lifetime ?? 'test'
    const folder = await tempDir(lifetime)
    const url = await postgres.createDatabase()
    const database = openDatabase({ url, applicationName: 'test' })
    cleanUpAfter(lifetime, () => database.close())
    const simulator = await startSimulator({
      ...defaultSimulatorSettings(),
      port: 0,
      answerMs: 0,
      generationMs: 400,
      credits: 1000,
      slots: 100,
      shares: {},
      poorShare: 0,
      ...options.simulator,
    })
    cleanUpAfter(lifetime, () => simulator.close())
    return new WorkerWorld(database, simulator, folder, url, lifetime)
  }

  /** Ends everything now; for worlds shared by the tests of a file, before its PostgreSQL stops. */
  async close(): Promise<void> {
    for (const program of this.#programs) program.kill()
    await Promise.all(this.#programs.map((program) => program.exit))
    await this.simulator.close()
    await this.database.close()
  }

  get storage(): string {
    return path.join(this.folder, 'storage')
  }

  /** The environment of a process; polls and retries come quickly. */
  environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      DATABASE_URL: this.#url,
      SECRET_KEY,
      PIXVERSE_BASE_URL: this.simulator.baseUrl,
      STORAGE_BASE_PATH: this.storage,
      LOG_FILE: path.join(this.folder, 'logs/backend.log'),
      WORKER_LOG_FILE: path.join(this.folder, 'logs/worker.log'),
      ERROR_LOG_FILE: path.join(this.folder, 'logs/errors.log'),
      LOG_DIR: path.join(this.folder, 'logs'),
      JSON_LOGS: 'true',
      LOG_LEVEL: 'INFO',
      LOG_CONSOLE: 'off',
      PROVIDER_POLL_INTERVAL: '200ms',
      WORKER_RETRY_DELAY: '100ms',
      ...extra,
    }
  }

  /** Starts a worker process and waits until it is ready. */
  async startWorker(extra: Readonly<Record<string, string>> = {}): Promise<Program> {
    return this.start('worker', extra)
  }

  /** Starts an API process and waits until it is ready. */
  async startApi(extra: Readonly<Record<string, string>> = {}): Promise<WorldApi> {
    const port = String(await freePort())
    const program = await this.start('api', { HOST: '127.0.0.1', PORT: port, ...extra })
    return { program, ...httpClient(`http://127.0.0.1:${port}`) }
  }

  /** Starts a process and waits until it is ready; rejects when it ends before. */
  async start(name: 'worker' | 'api', extra: Readonly<Record<string, string>>): Promise<Program> {
    const program = startNode(path.join(DIST, `${name}.js`), [], {
      cwd: this.folder,
      env: this.environment(extra),
      lifetime: this.#lifetime,
    })
    this.#programs.push(program)
    await program.waitForLine(/ready:/)
    return program
  }

  async addUser(): Promise<number> {
    const n = ++this.#count
    const user = { email: `user${n}@example.com`, username: `user${n}`, password_hash: 'none' }
    return (await this.database.db.insertInto('users').values(user).returning('id').executeTakeFirstOrThrow())
      .id
  }

  async addAccount(
    traits: {
      readonly apiKey?: string
      readonly credits?: number
      readonly slots?: number
      /** Whose it is, and nobody else's; default everybody's. */
      readonly owner?: number
    } = {},
  ): Promise<number> {
    const n = ++this.#count
    const { id } = await this.database.db
      .insertInto('provider_accounts')
      .values({
        provider_id: 'pixverse',
        email: `account${n}@example.com`,
        user_id: traits.owner ?? null,
        is_private: traits.owner !== undefined,
        max_concurrent_jobs: traits.slots ?? 10,
        ...sealSecrets(new SecretBox(SECRET_KEY), { api_key: traits.apiKey ?? `key-${n}` }),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await this.database.db
      .insertInto('provider_credits')
      .values({ account_id: id, credit_type: 'webapi', amount: traits.credits ?? 100 })
      .execute()
    return id
  }

  /** Creates a job and queues it, as the API does. */
  async addJob(
    userId: number,
    prompt: string,
    columns: { readonly scheduled_at?: Date } = {},
  ): Promise<number> {
    const job = await insertJob(this.database.db, {
      user_id: userId,
      operation_type: 'text_to_video',
      provider_id: 'pixverse',
      params: JSON.stringify({ prompt }),
      ...columns,
    })
    await enqueueProcessJob(this.database.db, job, `request-${job.id}`)
    return job.id
  }

  job(jobId: number): Promise<Job> {
    return this.database.db.selectFrom('jobs').selectAll().where('id', '=', jobId).executeTakeFirstOrThrow()
  }

  waitForJob(jobId: number, status: JobStatus): Promise<Job> {
    return waitFor(
      async () => {
        const job = await this.job(jobId)
        if (job.status !== status && ['completed', 'failed', 'cancelled'].includes(job.status)) {
          throw new Error(`job ${jobId} is ${job.status}: ${job.error_message}`)
        }
        return job.status === status && job
      },
      { timeoutMs: PATIENCE_MS, what: `job ${jobId} to be ${status}` },
    )
  }

  submissions(jobId: number): Promise<ProviderSubmission[]> {
    return this.database.db
      .selectFrom('provider_submissions')
      .selectAll()
      .where('job_id', '=', jobId)
      .orderBy('id')
      .execute()
  }

  account(accountId: number): Promise<ProviderAccountRow> {
    return this.database.db
      .selectFrom('provider_accounts')
      .selectAll()
      .where('id', '=', accountId)
      .executeTakeFirstOrThrow()
  }

  /** In the purse that an account without a paid key pays from. */
  async credits(accountId: number): Promise<number | undefined> {
    const row = await this.database.db
      .selectFrom('provider_credits')
      .select('amount')
      .where('account_id', '=', accountId)
      .where('credit_type', '=', 'webapi')
      .executeTakeFirst()
    return row?.amount
  }

  /** The asset of a job once its file is here, or could not be fetched. */
  waitForAsset(jobId: number, status: 'downloaded' | 'error'): Promise<Asset> {
    return waitFor(
      () =>
        this.database.db
          .selectFrom('assets')
          .selectAll()
          .where('source_job_id', '=', jobId)
          .where('sync_status', '=', status)
          .executeTakeFirst(),
      { timeoutMs: PATIENCE_MS, what: `the asset of job ${jobId} to be ${status}` },
    )
  }

  /** Slots taken on all accounts, and jobs that say they hold one: both 0 when nothing runs. */
  async slotsTaken(): Promise<{ readonly counted: number; readonly held: number }> {
    const { counted } = await this.database.db
      .selectFrom('provider_accounts')
      .select((eb) => eb.fn.sum<number>('current_processing_jobs').as('counted'))
      .executeTakeFirstOrThrow()
    const { held } = await this.database.db
      .selectFrom('jobs')
      .select((eb) => eb.fn.countAll<number>().as('held'))
      .where('reserved_account_id', 'is not', null)
      .executeTakeFirstOrThrow()
    return { counted: Number(counted), held }
  }

  /** The lines of a log file that are complete. */
  lines(file: LogFile = 'worker.log'): LogLine[] {
    const name = path.join(this.folder, 'logs', file)
    if (!existsSync(name)) return []
    const text = readFileSync(name, 'utf8')
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine)
  }

  linesOf(jobId: number, file?: LogFile): LogLine[] {
    return this.lines(file).filter((line) => line['job_id'] === jobId)
  }

  /** The first line with all these fields, once it is there. */
  waitForLog(fields: Readonly<Record<string, unknown>>, file: LogFile = 'worker.log'): Promise<LogLine> {
    return waitFor(
      () =>
        this.lines(file).find((line) => Object.entries(fields).every(([key, value]) => line[key] === value)),
      { timeoutMs: PATIENCE_MS, what: `a log line ${JSON.stringify(fields)}` },
    )
  }
}
