/** The application's settings beyond those of the logging library, each declared once. */
import { durationMs, filePath, integer, port, setting, text, url } from '@pixsim7/logging'
import type { Parser } from '@pixsim7/logging'
import { isUsableSecretKey, MIN_SECRET_KEY_LENGTH } from './security/secret-key.ts'

const SECRET_KEY_FORM: Parser<string> = {
  expected: `at least ${MIN_SECRET_KEY_LENGTH} characters of your own, not one of an example (openssl rand -base64 32)`,
  parse: (value) => (isUsableSecretKey(value) ? value : undefined),
}

/** Addresses or networks, separated by commas. */
const ADDRESSES: Parser<readonly string[]> = {
  expected: 'addresses or networks separated by commas, such as 10.0.0.1,192.168.0.0/16',
  parse: (value) => {
    const addresses = value.split(',').map((address) => address.trim())
    return addresses.every((address) => /^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(address)) ? addresses : undefined
  },
}

/** Where the local PostgreSQL lives. */
export const POSTGRES_SETTINGS = {
  postgresPort: setting('PIXSIM7_POSTGRES_PORT', port(), {
    default: '54329',
    doc: 'Port of the local PostgreSQL on 127.0.0.1, started when DATABASE_URL is not set',
  }),
  postgresFolder: setting('PIXSIM7_POSTGRES_DIR', filePath(), {
    default: 'data/postgres',
    doc: 'Folder of the local PostgreSQL',
  }),
}

/** What backend and worker share. */
export const COMPONENT_SETTINGS = {
  ...POSTGRES_SETTINGS,
  databaseUrl: setting('DATABASE_URL', url(['postgres:', 'postgresql:']), {
    doc: 'PostgreSQL server to use; when it is not set, a local one is started',
    isSecret: true,
  }),
  databasePoolSize: setting('DATABASE_POOL_SIZE', integer({ min: 2, max: 100 }), {
    default: '10',
    doc: 'Most connections of one component',
  }),
  slowQueryMs: setting('DATABASE_SLOW_QUERY', durationMs(), {
    default: '250ms',
    doc: 'A query that takes longer is logged as a WARNING',
  }),
  secretKey: setting('SECRET_KEY', SECRET_KEY_FORM, {
    doc: 'Signs tokens and seals account secrets; when it is not set, one is generated into SECRET_KEY_FILE',
    isSecret: true,
  }),
  secretKeyFile: setting('SECRET_KEY_FILE', filePath(), {
    default: 'data/secret.key',
    doc: 'Holds the generated key (not used when SECRET_KEY is set)',
  }),
  pixverseBaseUrl: setting('PIXVERSE_BASE_URL', url(['http:', 'https:']), {
    default: 'http://127.0.0.1:8090/openapi/v2',
    doc: 'Pixverse, or the simulator',
  }),
  pixverseTimeoutMs: setting('PIXVERSE_TIMEOUT', durationMs({ min: 1000, max: 3_600_000 }), {
    default: '300s',
    doc: 'Longest wait for an answer of Pixverse to a submission',
  }),
  heartbeatMs: setting('HEARTBEAT_INTERVAL', durationMs({ min: 100, max: 3_600_000 }), {
    default: '60s',
    doc: 'Time between two signs of life in the log of a component',
  }),
  storageFolder: setting('STORAGE_BASE_PATH', filePath(), {
    default: 'data/storage',
    doc: 'Folder of the downloaded assets',
  }),
}

export const API_SETTINGS = {
  ...COMPONENT_SETTINGS,
  host: setting('HOST', text(), { default: '0.0.0.0', doc: 'Address the API listens on' }),
  port: setting('PORT', port(), { default: '8001', doc: 'Port the API listens on' }),
  jwtExpirationDays: setting('JWT_EXPIRATION_DAYS', integer({ min: 1, max: 365 }), {
    default: '30',
    doc: 'Days until a login must be repeated',
  }),
  trustedProxies: setting('TRUSTED_PROXIES', ADDRESSES, {
    doc: 'Proxies whose X-Forwarded-For names the client',
  }),
}

export const WORKER_SETTINGS = {
  ...COMPONENT_SETTINGS,
  pollIntervalMs: setting('PROVIDER_POLL_INTERVAL', durationMs({ min: 100, max: 3_600_000 }), {
    default: '10s',
    doc: 'Time between two looks at the jobs being generated',
  }),
  maxTasks: setting('WORKER_MAX_JOBS', integer({ min: 1, max: 100 }), {
    default: '10',
    doc: 'Tasks of the queue a worker runs at once',
  }),
}
