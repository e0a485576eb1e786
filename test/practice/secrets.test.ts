/**
 * Secrets planted through every input of the running system, and a search for them, byte by byte and in every usual encoding,
 * through everything it writes, stores and answers. Harmless words go the same ways and are found.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Client } from 'pg'
import { cleanUpAfter, freePort, startNode, tempDir, waitFor, type Program } from '@pixsim7/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { PATIENCE_MS, startSystem, stopSystem, withoutSettings } from '../support/running-system.ts'
import { Exchanges, type Exchange } from './secrets/exchanges.ts'
import { plantInApplication, plantSayings } from './secrets/plant-in-application.ts'
import { plantInLogServer } from './secrets/plant-in-log-server.ts'
import { allPlants, marker, plantShape } from './secrets/plants.ts'
import { ByteSearch, type Finding } from './secrets/search-bytes.ts'
import { startTalkativeProvider } from './secrets/talkative-provider.ts'

const APPLICATION = path.join(import.meta.dirname, '../../apps/pixsim7/dist')

/** Everything the system left behind. */
interface Traces {
  readonly folder: string
  /** Each column of each table, as text. */
  readonly columns: readonly { readonly name: string; readonly text: string }[]
  readonly storeEntries: string
  readonly exchanges: readonly Exchange[]
  readonly output: string
  /** What reached the provider. */
  readonly heard: string
}

let traces: Traces
/** For all plants; made once, when all are planted. */
let secrets: ByteSearch | undefined

/** A PostgreSQL in the folder, with a login and a database for DATABASE_URL. */
async function startDatabase(folder: string, password: string): Promise<{ program: Program; url: string }> {
  const port = await freePort()
  const program = startNode(path.join(APPLICATION, 'postgres.js'), [], {
    cwd: folder,
    env: { ...withoutSettings(), PIXSIM7_POSTGRES_PORT: String(port) },
    lifetime: 'file',
  })
  await program.waitForLine(/ready/, { timeoutMs: PATIENCE_MS })
  const own = readFileSync(path.join(folder, 'data/postgres/password'), 'utf8').trim()
  const admin = new Client({ connectionString: `postgres://pixsim7:${own}@127.0.0.1:${port}/postgres` })
  await admin.connect()
  await admin.query(`create role planted login password '${password}'`)
  await admin.query('create database planted owner planted')
  await admin.end()
  return { program, url: `postgres://planted:${password}@127.0.0.1:${port}/planted` }
}

async function dumpDatabase(url: string): Promise<Traces['columns']> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ schema: string; table: string; column: string }>(
    `select table_schema as schema, table_name as table, column_name as column from information_schema.columns
     where table_schema not in ('pg_catalog', 'information_schema')`,
  )
  const columns = []
  for (const { schema, table, column } of rows) {
    const values = await client.query<{ text: string | null }>(
      `select "${column}"::text as text from "${schema}"."${table}"`,
    )
    const text = values.rows.map((row) => row.text ?? '').join('\n')
    columns.push({ name: schema === 'public' ? `${table}.${column}` : `${schema}.${table}.${column}`, text })
  }
  await client.end()
  return columns
}

async function readStore(server: Exchanges, headers: Readonly<Record<string, string>>): Promise<string> {
  const pages: string[] = []
  for (let cursor = ''; ;) {
    const { json } = await server.call(`/api/v1/logs?limit=1000${cursor}`, { headers })
    const { logs, next_cursor } = json as { logs: unknown[]; next_cursor: string | null }
    pages.push(JSON.stringify(logs))
    if (next_cursor === null || logs.length === 0) return pages.join('\n')
    cursor = `&cursor=${encodeURIComponent(next_cursor)}`
  }
}

beforeAll(async () => {
  const folder = await tempDir('file')
  const databasePassword = plantShape('setting DATABASE_URL', 'opaque')
  const adminPassword = plantShape('setting LOGS_ADMIN_PASSWORD', 'opaque')
  const apiToken = plantShape('setting LOGS_API_TOKEN', 'opaque')
  const database = await startDatabase(folder, databasePassword)
  const provider = await startTalkativeProvider(plantSayings())
  cleanUpAfter('file', () => provider.close())
  const system = await startSystem(folder, {
    lifetime: 'file',
    args: ['--no-demo'],
    settings: {
      LOG_LEVEL: 'DEBUG',
      DATABASE_URL: database.url,
      SECRET_KEY: `${plantShape('setting SECRET_KEY', 'opaque')}-and-some-more`,
      LOGS_ADMIN_PASSWORD: adminPassword,
      LOGS_API_TOKEN: apiToken,
      PIXVERSE_BASE_URL: provider.baseUrl,
      PROVIDER_POLL_INTERVAL: '100ms',
      WORKER_MAX_TRIES: 1,
      WORKER_RETRY_DELAY: '10ms',
    },
  })
  const api = new Exchanges(system.apiUrl)
  const server = new Exchanges(system.logServerUrl)
  await plantInApplication(api)
  await plantInLogServer(server, { adminPassword, token: apiToken })

  // The last line written is in the store when the one about this request is.
  const last = 'the-last-request'
  const headers = { authorization: `Bearer ${apiToken}` }
  await api.call('/health', { headers: { 'x-request-id': last } })
  await api.call('/api/v1/nowhere', { headers: { 'x-request-id': last } })
  await waitFor(
    async () => {
      const { json } = await server.call(`/api/v1/logs?request_id=${last}&level=warning`, { headers })
      return (json as { logs: unknown[] }).logs.length > 0
    },
    { timeoutMs: PATIENCE_MS },
  )
  const storeEntries = await readStore(server, headers)
  const columns = await dumpDatabase(database.url)
  await stopSystem(system)
  await database.program.stop()
  traces = {
    folder,
    columns,
    storeEntries,
    exchanges: [...api.kept, ...server.kept],
    output: [system.program, database.program].map(({ stdout, stderr }) => stdout + stderr).join('\n'),
    heard: provider.heard.join('\n'),
  }
}, 3 * PATIENCE_MS)

type Plant = ReturnType<typeof allPlants>[number]

/** Where secrets were found, but for those that `mayStand` lets stand there. */
function findSecrets(
  search: (secrets: ByteSearch) => Finding[],
  mayStand: (plant: Plant, place: string) => boolean = () => false,
): string[] {
  secrets ??= new ByteSearch(allPlants())
  const plants = new Map(allPlants().map((plant) => [plant.name, plant]))
  return described(
    search(secrets).filter(({ name, place }) => {
      const plant = plants.get(name)
      return plant === undefined || !mayStand(plant, place)
    }),
  )
}

const described = (findings: readonly Finding[]) =>
  findings.map(({ name, form, place }) => `${name}, as ${form}, in ${place}`)

describe('secrets planted through every input', () => {
  it('are hundreds, and did reach what they were meant for', () => {
    expect(allPlants().length).toBeGreaterThan(300)
    // A key is of use only to who is asked with it, and a prompt to who fulfils it.
    const reached = new ByteSearch(allPlants()).findInText(traces.heard, 'the provider')
    expect(new Set(reached.map(({ name }) => name)).size).toBeGreaterThan(20)
    expect(reached.map(({ name }) => name)).toContain('apiKey in changed account of first-user')
  })

  it('are in no file below data/', () => {
    // What a column may hold, its files hold as well; `.env` is where settings are given.
    const mayStand = ({ columns }: Plant, place: string) =>
      place === '.env' || (place.includes('data/postgres/cluster') && columns !== undefined)
    expect(findSecrets((search) => search.findInFolder(traces.folder), mayStand)).toEqual([])
  })

  it('are in no column of the database, but for what users keep there themselves', () => {
    const find = (search: ByteSearch) =>
      traces.columns.flatMap(({ name, text }) => search.findInText(text, name))
    expect(findSecrets(find, ({ columns }, place) => columns?.includes(place) === true)).toEqual([])
  })

  it('are in no entry of the store', () => {
    expect(findSecrets((search) => search.findInText(traces.storeEntries, 'the store'))).toEqual([])
  })

  it('are in no answer, but for what is the caller’s own', () => {
    const find = (search: ByteSearch) =>
      traces.exchanges.flatMap(({ what, answer }) => search.findInText(answer, what))
    expect(findSecrets(find, ({ answers }, place) => answers?.test(place) === true)).toEqual([])
  })

  it('are not in what the programs print', () => {
    expect(findSecrets((search) => search.findInText(traces.output, 'the output'))).toEqual([])
  })
})

describe('harmless words that went the same ways', () => {
  const logs = (component: string) =>
    readFileSync(path.join(traces.folder, `data/logs/${component}.log`), 'utf8')

  it.each([
    ['path', 'backend'],
    ['refuse', 'worker'],
    ['unauthorized', 'worker'],
    ['unknown', 'worker'],
    ['status', 'worker'],
  ])('of the input %s are in the log of the %s, and in the store', (input, component) => {
    const search = new ByteSearch([{ name: input, value: marker(input) }])
    expect(search.findInText(logs(component), component)).not.toEqual([])
    expect(search.findInText(traces.storeEntries, 'the store')).not.toEqual([])
  })

  it.each([
    ['refuse', 'jobs.error_message'],
    ['unauthorized', 'provider_accounts.last_error'],
    ['unauthorized', 'provider_submissions.error_message'],
    ['user agent', 'user_sessions.user_agent'],
  ])('of the input %s are in %s, and in the files of PostgreSQL', (input, column) => {
    const search = new ByteSearch([{ name: input, value: marker(input) }])
    const text = traces.columns.find(({ name }) => name === column)?.text ?? ''
    expect(search.findInText(text, column)).not.toEqual([])
    expect(search.findInFolder(path.join(traces.folder, 'data/postgres'))).not.toEqual([])
  })

  it('of the provider are in the answers to the owner of the job', () => {
    const search = new ByteSearch([{ name: 'refuse', value: marker('refuse') }])
    const answers = traces.exchanges.filter(({ what }) => what === 'GET /api/v1/jobs → 200')
    expect(answers.flatMap(({ answer }) => search.findInText(answer, 'jobs'))).not.toEqual([])
  })
})

describe('secrets in settings that cannot be used', () => {
  it.each(['api.js', 'worker.js'])('are not repeated by %s, which refuses to start', async (file) => {
    const folder = await tempDir()
    const planted = ['DATABASE_URL', 'SECRET_KEY', 'a line'].map((name) => ({
      name,
      value: plantShape(`${name} of ${file}`, 'password'),
    }))
    const [databaseUrl, secretKey, line] = planted.map(({ value }) => value)
    writeFileSync(
      path.join(folder, '.env'),
      `DATABASE_URL=mysql://root:${databaseUrl}@db/x\nSECRET_KEY=${secretKey}\nDATABASE_URL "password=${line}"\n`,
    )
    const program = startNode(path.join(APPLICATION, file), [], { cwd: folder, env: withoutSettings() })
    const { code, stdout, stderr } = await program.exit
    expect(code).toBe(1)
    expect(stderr).toContain('DATABASE_URL')
    expect(stderr).toContain('SECRET_KEY')
    expect(described(new ByteSearch(planted).findInText(stdout + stderr, file))).toEqual([])
  })
})
