import {
  componentSettings,
  describeSettings,
  durationMs,
  filePath,
  oneOf,
  port,
  setting,
  sizeBytes,
  text,
  type Parser,
  type SettingValues,
} from '@pixsim7/logging'
import { isIP } from 'node:net'
import path from 'node:path'
import { isLoopback } from './http/request-checks.ts'
import { ENVIRONMENTS } from './retention.ts'
import { ServerError } from './server-error.ts'

/** Splits at commas and drops what is empty. */
function splitList(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Patterns of paths, separated by commas; relative ones are resolved like any path. */
function patterns(): Parser<readonly string[]> {
  return {
    expected: 'paths or patterns such as /var/log/app/*.log, separated by commas',
    parse: (value, baseFolder) => {
      const list = splitList(value)
      if (list.length === 0 || value.includes('\0')) return undefined
      return list.map((pattern) => path.resolve(baseFolder, pattern))
    },
  }
}

/** `pattern=component` pairs, separated by commas. */
function components(): Parser<Readonly<Record<string, string>>> {
  return {
    expected: 'pairs such as /var/log/nginx/*.log=nginx, separated by commas',
    parse: (value, baseFolder) => {
      const pairs = splitList(value).map((pair) => /^(.+)=([\w.-]{1,64})$/.exec(pair))
      if (pairs.some((pair) => pair === null)) return undefined
      return Object.fromEntries(
        pairs.map((pair) => [path.resolve(baseFolder, pair?.[1]?.trim() ?? ''), pair?.[2] ?? '']),
      )
    },
  }
}

function hosts(): Parser<readonly string[]> {
  return {
    expected: 'host names without port, separated by commas',
    parse: (value) => {
      const names = splitList(value.toLowerCase())
      return names.every((name) => /^([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])$/.test(name))
        ? names
        : undefined
    },
  }
}

function networks(): Parser<readonly string[]> {
  const isNetwork = (item: string): boolean => {
    const [address = '', bits, ...rest] = item.split('/')
    const version = isIP(address)
    if (version === 0 || rest.length > 0) return false
    return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  }
  return {
    expected: 'addresses or networks such as 10.0.0.0/8, separated by commas',
    parse: (value) => {
      const list = splitList(value)
      return list.every(isNetwork) ? list : undefined
    },
  }
}

function bindAddress(): Parser<string> {
  return {
    expected: 'an address of this machine such as 127.0.0.1, 0.0.0.0, :: or localhost',
    parse: (value) => (isIP(value) !== 0 || /^[a-z0-9.-]+$/i.test(value) ? value : undefined),
  }
}

/** Least memory the engine works with. */
const LEAST_MEMORY_BYTES = 256 * 1024 ** 2

/** The store drops whole days, so that nothing is rewritten. */
const RETENTION_LIMITS = { min: 86_400_000, max: 36_525 * 86_400_000 }

/** Everything about the log server that can be set. */
export const SERVER_SETTINGS = {
  host: setting('LOGS_HOST', bindAddress(), { default: '127.0.0.1', doc: 'Address to listen at' }),
  port: setting('LOGS_PORT', port(), {
    default: '5173',
    doc: 'Port to listen at; 0: one the system chooses',
  }),
  dataDir: setting('LOGS_DATA_DIR', filePath(), {
    default: 'data/store',
    doc: 'Folder of the store, sessions and password hash',
  }),
  files: setting('LOGS_FILES', patterns(), { default: 'data/logs/*.log*', doc: 'Log files to follow' }),
  components: setting('LOGS_COMPONENTS', components(), {
    doc: 'Components of files whose name does not tell',
  }),
  adminPassword: setting('LOGS_ADMIN_PASSWORD', text(), {
    isSecret: true,
    doc: 'Password of the user admin; without one the first start generates one',
  }),
  apiToken: setting('LOGS_API_TOKEN', text(), {
    isSecret: true,
    doc: 'Bearer token for scripts, with all rights',
  }),
  engine: setting('LOGS_ENGINE', oneOf(['auto', 'chdb']), { default: 'auto', doc: 'Store engine' }),
  memoryBytes: setting('LOGS_MEMORY', sizeBytes({ min: LEAST_MEMORY_BYTES }), {
    doc: 'Memory of the engine; default the smaller of 1 GB and a quarter of the machine',
  }),
  environment: setting('LOG_ENV', oneOf(ENVIRONMENTS), {
    doc: 'Retention of the store: 7, 14 or 30 days, errors 90; unset: for ever',
  }),
  retentionMs: setting('LOGS_RETENTION', durationMs(RETENTION_LIMITS), {
    doc: 'How long the store keeps records below ERROR, in whole days; wins over LOG_ENV',
  }),
  errorRetentionMs: setting('LOGS_ERROR_RETENTION', durationMs(RETENTION_LIMITS), {
    doc: 'The same for ERROR and CRITICAL',
  }),
  allowedHosts: setting('LOGS_ALLOWED_HOSTS', hosts(), { doc: 'Host names allowed besides localhost' }),
  trustedProxies: setting('LOGS_TRUSTED_PROXIES', networks(), {
    doc: 'Proxies whose X-Forwarded-* headers count',
  }),
}
export type ServerSettings = SettingValues<typeof SERVER_SETTINGS>

/** Shorter secrets than these can be guessed by whoever may try for a while. */
const LEAST_PASSWORD_LENGTH = 8
const LEAST_TOKEN_LENGTH = 16

/**
 * On this machine alone any secret may do for a try-out; whoever opens the log server to the network needs good ones.
 *
 * @throws ServerError SERVER_WEAK_SECRET
 */
export function assertSafeSecrets({ host, adminPassword, apiToken }: ServerSettings): void {
  if (isLoopback(host)) return
  const weak = [
    ...(adminPassword !== undefined && adminPassword.length < LEAST_PASSWORD_LENGTH
      ? [`LOGS_ADMIN_PASSWORD needs at least ${LEAST_PASSWORD_LENGTH} characters`]
      : []),
    ...(apiToken !== undefined && apiToken.length < LEAST_TOKEN_LENGTH
      ? [`LOGS_API_TOKEN needs at least ${LEAST_TOKEN_LENGTH} characters`]
      : []),
  ]
  if (weak.length === 0) return
  throw new ServerError(
    'SERVER_WEAK_SECRET',
    `The log server would be open to the network (LOGS_HOST=${host}): ${weak.join(', and ')}. Lengthen it, or set LOGS_HOST=127.0.0.1.`,
  )
}

/** One line for each setting of the log server and of its own log, for help texts. */
export function describeServerSettings(): string {
  return describeSettings(SERVER_SETTINGS, componentSettings('logserver'))
}
