/**
 * Traffic that makes a running system log a line of every kind the specification's commands look for: two users, 122 and 123;
 * jobs 123 (a status check fails), 124 (its download fails), 456 and 457 (all goes well); logins, refusals, a slow request, and
 * a minute without PostgreSQL. What was answered is known from the answers, not from any log.
 */
import { waitFor } from '@pixsim7/testkit'
import {
  PATIENCE_MS,
  startSystem,
  type RunningSystem,
  type SystemOptions,
} from '../../support/running-system.ts'
import { freePort } from '@pixsim7/testkit'
import { ApiUser, type Answer } from './api-user.ts'
import { setNextId, whileLocked } from './database.ts'
import { pidOf, stopPostgres, waitForNextProcess } from './processes.ts'

export interface Story {
  /** User 122, whose jobs they are. */
  readonly carla: ApiUser
  /** User 123. */
  readonly anna: ApiUser
  readonly failedLogin: Answer
  /** Took longer than 300 ms. */
  readonly slow: Answer
  /** Answered with 5xx, since the database was away. */
  readonly failed: readonly Answer[]
}

const SLOW_MS = 300

/** A port in whose number no search for 123 or 456 finds anything. */
async function quietPort(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (!/123|456/.test(String(port))) return port
  }
}

/** Starts the system without visitors and without chance: jobs do what their prompts say. */
export async function startForStory(folder: string, options: SystemOptions = {}): Promise<RunningSystem> {
  return startSystem(folder, {
    args: ['--no-demo'],
    lifetime: 'file',
    ...options,
    settings: {
      PROVIDER_PORT: await quietPort(),
      PROVIDER_SHARES: 'none',
      PROVIDER_POOR_SHARE: 0,
      PROVIDER_ANSWER_MS: 20,
      ...options.settings,
    },
  })
}

/** Plays everything but the loss of the database. */
export async function playStory(system: RunningSystem): Promise<Omit<Story, 'failed'>> {
  const { apiUrl } = system
  await setNextId(system, 'users', 122)
  const carla = await ApiUser.register(apiUrl, 'carla')
  const anna = await ApiUser.register(apiUrl, 'anna')
  const failedLogin = await anna.signIn('a wrong password')
  await anna.signIn()
  for (const path of ['/users/me', '/users/me/usage', '/jobs', '/jobs/999999999'])
    await Promise.all([anna.ask('GET', path), carla.ask('GET', path)])
  for (const name of ['first', 'second']) await carla.addAccount(name)

  await setNextId(system, 'jobs', 123)
  const unlucky = [await carla.order('poll-500'), await carla.order('download-404')]
  await setNextId(system, 'jobs', 456)
  const jobs = [...unlucky, await carla.order('ok'), await carla.order('ok')]
  for (const job of jobs) await carla.waitForJob(job)
  await carla.waitForAsset(124, 'error')
  await carla.waitForAsset(456, 'downloaded')
  const slow = await whileLocked(system, 'jobs', SLOW_MS, () => carla.askWell('GET', '/jobs'))
  return { carla, anna, failedLogin, slow }
}

/** Takes PostgreSQL away until a request fails and the system has recovered; returns the requests that failed. */
export async function loseDatabase(system: RunningSystem, user: ApiUser): Promise<Answer[]> {
  const former = pidOf(system, 'postgres')
  const failed: Answer[] = []
  stopPostgres(system)
  await waitFor(
    async () => {
      const answer = await user.ask('GET', '/users/me')
      if (answer.status >= 500) failed.push(answer)
      return answer.status === 200 && failed.length > 0
    },
    { timeoutMs: PATIENCE_MS, intervalMs: 30, what: 'a request to fail and the next ones to be answered' },
  )
  await waitForNextProcess(system, 'postgres', former)
  return failed
}
