/** The contexts of the running system: many users at once, and each line is about the user whose request or job it was. */
import path from 'node:path'
import { parseJsonLine, type LogRecord } from '@pixsim7/record'
import { waitFor } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { PATIENCE_MS, readLines, withSystem, type RunningSystem } from '../support/running-system.ts'

const USERS = 30
const REQUESTS_PER_USER = 16

interface Customer {
  readonly id: number
  readonly token: string
}

const recordsOf = (system: RunningSystem, component: string): LogRecord[] =>
  readLines(path.join(system.logs, `${component}.log`)).flatMap((line) => parseJsonLine(line) ?? [])

async function register(apiUrl: string, number: number): Promise<Customer> {
  const response = await fetch(`${apiUrl}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      email: `customer-${number}@example.com`,
      username: `customer-${number}`,
      password: `a password of ${number}`,
    }),
  })
  expect(response.status).toBe(201)
  const { access_token: token, user } = (await response.json()) as {
    access_token: string
    user: { id: number }
  }
  return { id: user.id, token }
}

async function post(apiUrl: string, { token }: Customer, url: string, body: object): Promise<{ id: number }> {
  const response = await fetch(`${apiUrl}/api/v1${url}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.ok).toBe(true)
  return (await response.json()) as { id: number }
}

/** One request of a customer; the request id says whose it is, which no line may contradict. */
async function send(apiUrl: string, customer: Customer, number: number): Promise<unknown> {
  const api = `${apiUrl}/api/v1`
  const headers = {
    authorization: `Bearer ${customer.token}`,
    'content-type': 'application/json',
    'x-request-id': `of-${customer.id}-${number}`,
  }
  const post = (url: string, body: object) =>
    fetch(`${api}${url}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const get = (url: string) => fetch(`${api}${url}`, { headers })
  const requests = [
    () => get('/users/me'),
    () => get('/users/me/usage'),
    () => get('/jobs'),
    () => get('/jobs/999999'),
    () => get('/accounts'),
    () => post('/jobs', { operation_type: 'text_to_video', params: { prompt: '[sim:ok]' } }),
    () => post('/jobs', { operation_type: 'text_to_video', params: {} }),
    () => post('/accounts', { provider_id: 'nowhere', email: `account-${customer.id}@example.com` }),
  ]
  const response = await (requests[number % requests.length] as () => Promise<Response>)()
  return response.json()
}

/** Whose request it was, by its id; undefined for requests of nobody we sent. */
function requestOf({ fields }: LogRecord): number | undefined {
  const owner = /^of-(\d+)-\d+$/.exec(String(fields['request_id']))?.[1]
  return owner === undefined ? undefined : Number(owner)
}

/** The lines that name another user than the one whose request or job they are about. */
function foreignLines(records: readonly LogRecord[], ownerOfJob: ReadonlyMap<number, number>): string[] {
  return records
    .filter((record) => {
      const { job_id, user_id } = record.fields
      const ids = [requestOf(record), ownerOfJob.get(Number(job_id)), user_id]
      return new Set(ids.filter((id) => id !== undefined)).size > 1
    })
    .map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`)
}

describe('the running system under many users at once', () => {
  it.each([
    [{ request_id: 'of-3-1', user_id: 3, job_id: 7 }, 0],
    [{ request_id: 'of-3-1' }, 0],
    [{ request_id: 'of-3-1', user_id: 4 }, 1],
    [{ request_id: 'of-4-1', job_id: 7 }, 1],
    [{ user_id: 4, job_id: 7 }, 1],
  ])('is judged by a check that can fail: %j has %i contradictions', (fields, count) => {
    const record = { fields, message: '' } as unknown as LogRecord
    expect(foreignLines([record], new Map([[7, 3]]))).toHaveLength(count)
  })

  it(
    'writes on each line the ids of its own request and job, and of no other',
    async () => {
      const settings = {
        LOG_LEVEL: 'DEBUG',
        PROVIDER_SHARES: 'none',
        PROVIDER_ANSWER_MS: 5,
        PROVIDER_SLOTS: 100,
        PROVIDER_POOR_SHARE: 0,
        WORKER_RETRY_DELAY: '500ms',
      }
      await withSystem({ args: ['--no-demo'], settings }, async (system) => {
        const { apiUrl } = system
        const customers = await Promise.all(
          Array.from({ length: USERS }, (_, index) => register(apiUrl, index)),
        )
        const [first] = customers
        if (first === undefined) throw new Error('BUG: no customers')
        const { id: accountId } = await post(apiUrl, first, '/accounts', {
          provider_id: 'pixverse',
          email: 'all@example.com',
          api_key: 'key-of-everybody',
          max_concurrent_jobs: 100,
        })
        await post(apiUrl, first, `/accounts/${accountId}/credits`, { credit_type: 'webapi', amount: 200 })

        const answers = await Promise.all(
          customers.flatMap((customer) =>
            Array.from({ length: REQUESTS_PER_USER }, async (_, number) => ({
              customer,
              body: (await send(apiUrl, customer, number)) as { id?: number; params?: unknown },
            })),
          ),
        )
        const ownerOfJob = new Map(
          answers.flatMap(({ customer, body }) =>
            body.params === undefined || body.id === undefined ? [] : [[body.id, customer.id] as const],
          ),
        )
        expect(ownerOfJob.size).toBe(USERS * 2)

        const backend = await waitFor(() => {
          const records = recordsOf(system, 'backend')
          const ended = records.filter(
            (one) => requestOf(one) !== undefined && one.fields['status_code'] !== undefined,
          )
          return ended.length >= USERS * REQUESTS_PER_USER ? records : undefined
        })
        const ofRequests = backend.filter((record) => requestOf(record) !== undefined)
        expect(foreignLines(ofRequests, ownerOfJob)).toEqual([])
        // The last line of each request knows its user, and requests did overlap.
        const last = ofRequests.filter(({ fields }) => fields['status_code'] !== undefined)
        expect(last).toHaveLength(USERS * REQUESTS_PER_USER)
        expect(last.filter(({ fields }) => fields['user_id'] === undefined)).toEqual([])
        const ids = ofRequests.map(({ fields }) => fields['request_id'])
        expect(ids.filter((id, index) => id !== ids[index - 1]).length).toBeGreaterThan(ids.length / 4)
        expect(ofRequests.filter(({ message }) => message === 'Query').length).toBeGreaterThan(last.length)

        const ofJobs = await waitFor(
          () => {
            const records = recordsOf(system, 'worker').filter(({ fields }) =>
              ownerOfJob.has(Number(fields['job_id'])),
            )
            const completed = records.filter(({ message }) => /completed/i.test(message))
            const done = new Set(completed.map(({ fields }) => fields['job_id']))
            return done.size === ownerOfJob.size ? records : undefined
          },
          { timeoutMs: PATIENCE_MS },
        )
        expect(foreignLines(ofJobs, ownerOfJob)).toEqual([])
        expect(ofJobs.filter(({ fields }) => fields['user_id'] !== undefined).length).toBeGreaterThan(
          ofJobs.length / 2,
        )
      })
    },
    2 * PATIENCE_MS,
  )
})
