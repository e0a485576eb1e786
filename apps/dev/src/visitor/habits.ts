/** What visitors do, and how often. */
import { createBadOrder, createOrder } from './job-order.ts'
import { createSecret, type Visitor } from './visitor.ts'

/** What a visitor can know of the others, and of the run as a whole. */
export interface Surroundings {
  /** Number of the next job of this run, from 1. */
  nextJobNumber(): number
  /** Another visitor; undefined when there is only one. */
  someoneElse(visitor: Visitor): Visitor | undefined
}

export interface Habit {
  readonly name: string
  readonly weight: number
  /** Some requests, done one after the other or at once. Throws BackendAwayError when the backend does not answer. */
  readonly act: (visitor: Visitor, surroundings: Surroundings) => Promise<void>
}

/** The limit of jobs per minute is 10, the one of logins 5. */
const TOO_MANY_JOBS = 12
const TOO_MANY_LOGINS = 7
const UNKNOWN_JOB = 999_999_999
const LOOKED_AFTER = 3
const PLENTY_OF_CREDITS = 100
const KEPT_ASSETS = 6

async function openDashboard(visitor: Visitor): Promise<void> {
  await Promise.all(
    ['/users/me', '/users/me/usage', '/jobs?limit=20', '/assets?limit=20'].map((path) =>
      visitor.ask('GET', path),
    ),
  )
}

async function lookAfterJobs(visitor: Visitor): Promise<void> {
  const open = visitor.jobs.slice(-LOOKED_AFTER)
  if (open.length === 0) await visitor.ask('GET', '/jobs?limit=10')
  for (const jobId of open) await visitor.lookAfter(jobId)
}

async function orderJob(visitor: Visitor, { nextJobNumber }: Surroundings): Promise<void> {
  await visitor.order(createOrder(visitor.random, nextJobNumber()))
}

async function browseAssets(visitor: Visitor): Promise<void> {
  const query = visitor.random.pick(['limit=50', 'limit=10&media_type=video', 'sync_status=downloaded'])
  const assets = await visitor.listAssets(query)
  if (assets.length > 0) await visitor.ask('GET', `/assets/${visitor.random.pick(assets)}`)
  // Newest first. Without this a night of visits would fill gigabytes with videos nobody wants.
  for (const id of assets.slice(KEPT_ASSETS)) await visitor.ask('DELETE', `/assets/${id}`)
}

async function downloadAgain(visitor: Visitor): Promise<void> {
  const [failed] = await visitor.listAssets('sync_status=error&limit=10')
  if (failed !== undefined) await visitor.ask('POST', `/assets/${failed}/sync`)
}

async function seeProviders(visitor: Visitor): Promise<void> {
  await visitor.ask('GET', '/providers')
}

async function tendAccounts(visitor: Visitor): Promise<void> {
  await visitor.ask('GET', '/accounts?provider_id=pixverse')
  if (visitor.accounts.length === 0) return
  const id = visitor.random.pick(visitor.accounts)
  if (visitor.random.chance(0.5)) {
    await visitor.ask('POST', `/accounts/${id}/credits`, { credit_type: 'webapi', amount: PLENTY_OF_CREDITS })
  } else {
    // Puts an account that was taken out of service for its failures back into it.
    await visitor.ask('PATCH', `/accounts/${id}`, {
      status: 'active',
      priority: visitor.random.between(0, 5),
    })
  }
}

async function cancelJob(visitor: Visitor, surroundings: Surroundings): Promise<void> {
  if (visitor.jobs.length === 0) await orderJob(visitor, surroundings)
  const jobId = visitor.jobs.at(-1)
  if (jobId === undefined) return
  await visitor.ask('DELETE', `/jobs/${jobId}`)
  await visitor.lookAfter(jobId)
}

async function orderWrongly(visitor: Visitor): Promise<void> {
  await visitor.order(createBadOrder(visitor.random))
}

async function askForUnknownJob(visitor: Visitor): Promise<void> {
  await visitor.ask('GET', `/jobs/${UNKNOWN_JOB}`)
}

async function askForForeignJob(visitor: Visitor, { someoneElse }: Surroundings): Promise<void> {
  const jobId = someoneElse(visitor)?.jobs.at(-1)
  if (jobId !== undefined) await visitor.ask('GET', `/jobs/${jobId}`)
}

async function mistypePassword(visitor: Visitor): Promise<void> {
  await visitor.signOut()
  await visitor.signInWrongly()
  await visitor.signIn()
}

async function useOldToken(visitor: Visitor): Promise<void> {
  const token = await visitor.signOut()
  await visitor.askAs(token, 'GET', '/users/me')
  await visitor.signIn()
}

async function sendNonsenseToken(visitor: Visitor): Promise<void> {
  await visitor.askAs(`${createSecret()}.${createSecret()}.${createSecret()}`, 'GET', '/jobs')
}

async function seeSessions(visitor: Visitor): Promise<void> {
  await visitor.ask('GET', '/auth/sessions')
}

/** Most of them are wrong, so that the provider is spared: the limiter counts before anything else is looked at. */
async function orderTooMuch(visitor: Visitor, surroundings: Surroundings): Promise<void> {
  await orderJob(visitor, surroundings)
  for (let index = 1; index < TOO_MANY_JOBS; index++) await orderWrongly(visitor)
}

async function forgetPassword(visitor: Visitor): Promise<void> {
  for (let index = 0; index < TOO_MANY_LOGINS; index++) await visitor.signInWrongly()
}

/** An account whose key the provider does not know; it is preferred until the application has learned that. */
async function addBrokenAccount(visitor: Visitor, surroundings: Surroundings): Promise<void> {
  const id = await visitor.addAccount(`invalid-${createSecret()}`, PLENTY_OF_CREDITS)
  if (id !== undefined) await visitor.ask('PATCH', `/accounts/${id}`, { priority: 10 })
  await orderJob(visitor, surroundings)
}

/** Weights are shares in percent, roughly. */
export const HABITS: readonly Habit[] = [
  { name: 'open dashboard', weight: 24, act: openDashboard },
  { name: 'look after jobs', weight: 36, act: lookAfterJobs },
  { name: 'order job', weight: 16, act: orderJob },
  { name: 'browse assets', weight: 6, act: browseAssets },
  { name: 'download again', weight: 1, act: downloadAgain },
  { name: 'see providers', weight: 3, act: seeProviders },
  { name: 'tend accounts', weight: 4, act: tendAccounts },
  { name: 'cancel job', weight: 1.5, act: cancelJob },
  { name: 'order wrongly', weight: 2, act: orderWrongly },
  { name: 'ask for unknown job', weight: 1.5, act: askForUnknownJob },
  { name: 'ask for foreign job', weight: 0.7, act: askForForeignJob },
  { name: 'mistype password', weight: 1.2, act: mistypePassword },
  { name: 'use old token', weight: 1, act: useOldToken },
  { name: 'send nonsense token', weight: 0.8, act: sendNonsenseToken },
  { name: 'see sessions', weight: 1, act: seeSessions },
  { name: 'order too much', weight: 0.25, act: orderTooMuch },
  { name: 'forget password', weight: 0.25, act: forgetPassword },
  { name: 'add broken account', weight: 0.3, act: addBrokenAccount },
]

/** Done once, one after the other, among the first things of a run: one of each kind of trouble for a fresh panel. */
export const EARLY_HABITS: readonly Habit[] = [
  'mistype password',
  'order wrongly',
  'ask for unknown job',
  'add broken account',
].flatMap((name) => HABITS.find((habit) => habit.name === name) ?? [])
