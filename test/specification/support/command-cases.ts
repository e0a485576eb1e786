/** What each command of the specification must print, and what not, on the files of a system on which the story was played. */
import type { Command } from '../commands.ts'
import type { Answer } from './api-user.ts'
import type { WrittenRecord } from './records.ts'
import type { Story } from './story.ts'

/** A log file by its name without `.log`. */
export type LogFile = 'backend' | 'worker' | 'errors'

/** A command that ends. */
export interface Search {
  readonly file: LogFile
  /** What the command is for. */
  isRight(record: WrittenRecord, story: Story): boolean
  /** Right records that must be there, whatever else is. */
  known(story: Story): readonly ((record: WrittenRecord) => boolean)[]
  /** Resembles a right one. */
  isWrong(record: WrittenRecord): boolean
}

/** A command that goes on. */
export interface Follow {
  readonly file: LogFile
  /** Makes something happen; returns what is in its line. */
  act(story: Story): Promise<string>
  /** No line has this. */
  readonly wrong: RegExp
}

const ofRequest =
  ({ requestId }: Answer) =>
  (record: WrittenRecord): boolean =>
    record.fields['request_id'] === requestId
const ofJob =
  (jobId: number, message: string) =>
  (record: WrittenRecord): boolean =>
    record.fields['job_id'] === jobId && record.message === message
const processing = (jobId: number): string => `Processing job #${jobId}`

/** Commands that print lines. */
export const SEARCHES = {
  'grep ERROR data/logs/backend.log': {
    file: 'backend',
    isRight: ({ level }) => level === 'ERROR',
    known: ({ failed }) => failed.map(ofRequest),
    // A refused login is logged with the code authentication_error.
    isWrong: ({ fields }) => fields['code'] === 'authentication_error',
  },
  'grep "user_id.*123" data/logs/backend.log': {
    file: 'backend',
    isRight: ({ fields }) => fields['user_id'] === 123,
    known: ({ anna }) =>
      anna.answers.filter(({ path, status }) => path.includes('/users/') && status === 200).map(ofRequest),
    isWrong: ofJob(457, 'Job created'),
  },
  'grep "job_id.*456" data/logs/worker.log': {
    file: 'worker',
    isRight: ({ fields }) => fields['job_id'] === 456,
    known: () =>
      [
        processing(456),
        'Job started',
        'Submitted to Pixverse',
        'Job completed',
        'Asset created',
        'Asset downloaded',
      ].map((message) => ofJob(456, message)),
    isWrong: ofJob(457, processing(457)),
  },
  'grep "poll_job_statuses" data/logs/worker.log': {
    file: 'worker',
    isRight: ({ logger, fields }) =>
      logger === 'status_poller' || fields['task'] === 'poll_job_statuses' || 'poll_job_statuses' in fields,
    known: () => [
      ...[123, 124, 456, 457].map((job) => ofJob(job, 'Job completed')),
      // An idle worker tells so too.
      ({ message }) => message === 'Worker health',
    ],
    isWrong: ofJob(456, processing(456)),
  },
  'grep CRITICAL data/logs/errors.log': {
    file: 'errors',
    isRight: ({ level }) => level === 'CRITICAL',
    known: () =>
      ['backend', 'worker'].map(
        (component) =>
          ({ fields, message }) =>
            fields['component'] === component && message === 'Database connection lost',
      ),
    isWrong: ({ level }) => level === 'ERROR',
  },
  'grep "job_id.*123" data/logs/errors.log': {
    file: 'errors',
    isRight: ({ fields }) => fields['job_id'] === 123,
    known: () => [ofJob(123, 'Status check failed, will retry')],
    isWrong: ofJob(124, 'Asset download failed'),
  },
  'grep "duration" data/logs/backend.log | grep -E "[0-9]{3,}"': {
    file: 'backend',
    isRight: ({ fields }) => Number(fields['duration_ms']) >= 100,
    known: ({ slow }) => [ofRequest(slow)],
    isWrong: ofJob(456, 'Job created'),
  },
} satisfies Partial<Record<Command, Search>>

/** Commands that count the lines of today and of this minute, and what to type on JSON files, whose times are UTC's. */
export const COUNTS = {
  ofToday: {
    plain: 'grep $(date +%Y-%m-%d) data/logs/errors.log | wc -l',
    json: 'grep $(date -u +%Y-%m-%d) data/logs/errors.log | wc -l',
  },
  ofThisMinute: {
    plain: 'grep "$(date +%Y-%m-%d\\ %H:%M)" data/logs/backend.log | wc -l',
    json: 'grep "$(date -u +%Y-%m-%dT%H:%M)" data/logs/backend.log | wc -l',
  },
} as const satisfies Record<string, { readonly plain: Command; readonly json: string }>

/** Commands that go on until they are ended. */
export const FOLLOWS = {
  'tail -f data/logs/backend.log': {
    file: 'backend',
    act: async ({ anna }) => (await anna.askWell('GET', '/users/me')).requestId,
    wrong: /process_job .*request_id/,
  },
  'tail -f data/logs/worker.log': {
    file: 'worker',
    act: async ({ carla }) => processing(await carla.order('ok')),
    wrong: /api\.http/,
  },
  'tail -f data/logs/errors.log': {
    file: 'errors',
    async act({ carla }) {
      const asset = await carla.waitForAsset(124, 'error')
      return (await carla.ask('POST', `/assets/${asset}/sync`)).requestId
    },
    wrong: /INFO|WARNING/,
  },
  'tail -f data/logs/worker.log | grep process_job': {
    file: 'worker',
    async act({ carla }) {
      const job = await carla.order('ok')
      await carla.waitForJob(job)
      return processing(await carla.order('ok'))
    },
    wrong: /poll_job_statuses|Job completed/,
  },
} satisfies Partial<Record<Command, Follow>>
