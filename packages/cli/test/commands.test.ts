import type { Entry } from '@pixsim7/protocol/client'
import { parsePlainLine } from '@pixsim7/record'
import { waitFor } from '@pixsim7/testkit'
import { beforeAll, expect, test } from 'vitest'
import { linesOf, pixlogs, projectFolder, shell, startServer } from './support/project.ts'
import { appendSample, HOSTILE, REQUEST_ID, type Sample } from './support/sample-log.ts'

const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

let folder: string
let sample: Sample
/** Narrows to what the sample holds: the log server logs as well. */
const SAMPLE = ['--component', 'worker,backend']
const SAMPLE_SIZE = 1263

beforeAll(async () => {
  folder = await projectFolder('file')
  sample = appendSample(folder)
  await startServer(folder, { lifetime: 'file' })
  await waitFor(async () => (await pixlogs(folder, ['count', ...SAMPLE])).stdout === `${SAMPLE_SIZE}\n`, {
    what: 'the sample to be stored',
    intervalMs: 300,
  })
})

test('search prints plain lines with their component, oldest first; words go to stderr', async () => {
  const { code, stdout, stderr } = await pixlogs(folder, ['search', 'processing', '-n', '3'])
  expect(code).toBe(0)
  expect(linesOf(stdout).map((line) => line.replace(/^[\d-]{10} [\d:]{8} - /, ''))).toEqual(
    [1197, 1198, 1199].map(
      (index) =>
        `job_processor - INFO - Processing job #${index % 40} | component=worker job_id=${index % 40} task=process_job duration_ms=${index}`,
    ),
  )
  expect(linesOf(stdout).map((line) => parsePlainLine(line)?.fields['duration_ms'])).toEqual([
    1197, 1198, 1199,
  ])
  expect(stderr).toBe(
    'The newest 3 of 1,188 entries; --limit all prints every one, --limit N more or fewer.\n',
  )
})

test('search --json prints one entry per line, as the log server answers them', async () => {
  const { code, stdout } = await pixlogs(folder, ['search', `request_id:${REQUEST_ID}`, '--json'])
  const entries = linesOf(stdout).map((line) => JSON.parse(line) as Entry)
  expect(code).toBe(0)
  expect(entries).toMatchObject([
    {
      component: 'backend',
      logger: 'http',
      request_id: REQUEST_ID,
      job_id: 0,
      fields: { method: 'POST', status_code: 201 },
    },
  ])
})

test('--limit all prints everything in order, over several pages; a number the newest; --reverse newest first', async () => {
  const all = linesOf(
    (await pixlogs(folder, ['search', '--logger', 'job_processor', '-n', 'all', '--json'])).stdout,
  )
  const times = all.map((line) => (JSON.parse(line) as Entry).timestamp)
  expect(times.length).toBe(1200)
  expect(times).toEqual([...times].sort())
  const newest = linesOf(
    (await pixlogs(folder, ['search', '--logger', 'job_processor', '-n', '1100', '--json'])).stdout,
  )
  expect(newest).toEqual(all.slice(-1100))
  const reversed = linesOf(
    (await pixlogs(folder, ['search', '--logger', 'job_processor', '-n', '1100', '-r', '--json'])).stdout,
  )
  expect(reversed).toEqual([...newest].reverse())
})

test('nothing found is status 1, with nothing on stdout', async () => {
  expect(await pixlogs(folder, ['search', 'nowhere-to-be-found'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'Nothing found.\n',
  })
  expect(await pixlogs(folder, ['count', 'nowhere-to-be-found'])).toMatchObject({ code: 1, stdout: '0\n' })
})

test('a query that does not parse is searched as text, and a caret shows where', async () => {
  const { code, stderr } = await pixlogs(folder, ['search', 'level:error AND (timeout'])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^The query was searched as text: .+\n {2}level:error AND \(timeout\n {2} {16}\^\n/)
})

test('errors prints ERROR and CRITICAL of all components with their stacks, and of one job', async () => {
  const { stdout } = await pixlogs(folder, ['errors'])
  const heads = linesOf(stdout).filter((line) => /^\d/.test(line))
  expect(heads.filter((line) => line.includes('component=worker')).length).toBe(12)
  expect(heads.filter((line) => line.includes(' - CRITICAL - ')).length).toBe(1)
  const ofJob = await pixlogs(folder, ['errors', '--job', '3', '--component', 'worker'])
  expect(ofJob.stdout).toMatch(
    /^\d.* - ERROR - Failed to submit job: API timeout \| component=worker job_id=3 /,
  )
  expect(linesOf(ofJob.stdout).slice(1, 3)).toEqual([
    '    Error: API timeout',
    '        at submit (/srv/app/provider.js:10:5)',
  ])
  expect((await pixlogs(folder, ['errors', '--job', '1'])).code).toBe(1)
})

test('job prints the whole story of a job across all files, oldest first', async () => {
  const { stdout } = await pixlogs(folder, ['job', '23', '--json'])
  const entries = linesOf(stdout).map((line) => JSON.parse(line) as Entry)
  const expected = [...sample.worker, ...sample.backend]
    .filter((line) => line['job_id'] === 23)
    .sort((a, b) => ((a.timestamp ?? '') < (b.timestamp ?? '') ? -1 : 1))
  expect(entries.map(({ message }) => message).sort()).toEqual(expected.map(({ message }) => message).sort())
  expect(new Set(entries.map(({ component }) => component))).toEqual(new Set(['worker', 'backend']))
  expect(entries.map(({ timestamp }) => timestamp)).toEqual(entries.map(({ timestamp }) => timestamp).sort())
})

test('request prints what was logged about a request', async () => {
  const { stdout, code } = await pixlogs(folder, ['request', REQUEST_ID])
  expect([code, linesOf(stdout).length]).toEqual([0, 1])
  expect(stdout).toContain(`request_id=${REQUEST_ID}`)
})

test('count --by counts each value, the most frequent first, and says what is left', async () => {
  const { stdout, stderr } = await pixlogs(folder, ['count', '--by', 'status_code', '--component', 'backend'])
  expect(linesOf(stdout)).toEqual(['54  201', ' 3  404', ' 3  500'])
  expect(stderr).toBe('')
  const first = await pixlogs(folder, ['count', '--by', 'status_code', '-n', '1', '--json'])
  expect(JSON.parse(first.stdout)).toMatchObject({
    field: 'status_code',
    values: [{ value: '201', count: 54 }],
  })
})

test.each(['UTC', 'Asia/Kolkata', 'America/St_Johns'])(
  'count --per minute, hour and day adds up to the count, by the clock of %s',
  async (zone) => {
    for (const interval of ['minute', 'hour', 'day']) {
      const { stdout } = await pixlogs(folder, ['count', ...SAMPLE, '--per', interval], { TZ: zone })
      const rows = linesOf(stdout).map((line) => /^(\d{4}-\d\d-\d\d)( \d\d:\d\d)? +(\d+)$/.exec(line))
      expect(rows.reduce((sum, row) => sum + Number(row?.[3]), 0)).toBe(SAMPLE_SIZE)
      const minutes = new Set(rows.map((row) => row?.[2]?.slice(-2)))
      if (interval === 'hour') expect(minutes).toEqual(new Set(['00']))
      if (interval === 'minute') expect(rows.length).toBeGreaterThanOrEqual(20)
    }
  },
)

test('times are taken and shown by the local clock, with --utc in UTC', async () => {
  const find = (args: string[]) =>
    pixlogs(folder, ['search', ...SAMPLE, '-n', '1', ...args], { TZ: 'Asia/Tokyo' })
  const local = (await find([])).stdout.slice(0, 19)
  const utc = (await find(['--utc'])).stdout.slice(0, 19)
  expect(Date.parse(`${local.replace(' ', 'T')}+09:00`)).toBe(Date.parse(`${utc.replace(' ', 'T')}Z`))
  const since = await pixlogs(folder, ['count', ...SAMPLE, '--from', local], { TZ: 'Asia/Tokyo' })
  expect(Number(since.stdout)).toBeGreaterThanOrEqual(1)
  expect(Number(since.stdout)).toBeLessThan(10)
  expect((await pixlogs(folder, ['count', ...SAMPLE, '--from', local], { TZ: 'UTC' })).code).toBe(1)
})

test('slow prints operations and the slowest entries; --over draws the line', async () => {
  const { code, stdout } = await pixlogs(folder, [
    'slow',
    '--over',
    '1s',
    '--logger',
    'job_processor',
    '-n',
    '1',
  ])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^COUNT +P50 +P95 +MAX +COMPONENT +LOGGER +OPERATION\n/)
  const entries = linesOf(stdout).filter((line) => line.includes(' - job_processor - '))
  expect(entries.length).toBe(1)
  expect(entries[0]).toContain('duration_ms=1199')
  const json = await pixlogs(folder, ['slow', '--over', '1s', '--logger', 'job_processor', '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({
    total: sample.worker.filter(
      (line) => Number(line['duration_ms']) >= 1000 && line.logger === 'job_processor',
    ).length,
  })
  expect(await pixlogs(folder, ['slow', '--over', '1h'])).toMatchObject({ code: 1, stdout: '' })
})

test('rpm counts the requests of each minute, with errors', async () => {
  const { code, stdout, stderr } = await pixlogs(folder, ['rpm'])
  const rows = linesOf(stdout)
    .slice(1)
    .map((line) => line.trim().split(/ {2,}/))
  const sums = [1, 2, 3].map((column) => rows.reduce((sum, row) => sum + Number(row[column]), 0))
  expect([code, sums]).toEqual([0, [60, 3, 3]])
  expect(stderr).toMatch(/^60 requests, .* a minute on average\.\n$/)
  const json = JSON.parse((await pixlogs(folder, ['rpm', '--json'])).stdout) as {
    points: { requests: number }[]
  }
  expect(json.points.reduce((sum, { requests }) => sum + requests, 0)).toBe(60)
  expect(await pixlogs(folder, ['rpm', '--to', '3d'])).toMatchObject({ code: 1, stdout: '' })
})

test('stats shows what is stored per day and component, beside the estimates', async () => {
  const { code, stdout } = await pixlogs(folder, ['stats'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Store {6}[\d,]+ entries in /)
  expect(stdout).toMatch(/^production +backend .* 50 MB to 200 MB +30 days /m)
  const json = JSON.parse((await pixlogs(folder, ['stats', '--json'])).stdout) as {
    days: { component: string; rows: number }[]
  }
  const rowsOf = (name: string) =>
    json.days.filter(({ component }) => component === name).reduce((sum, { rows }) => sum + rows, 0)
  expect([rowsOf('worker'), rowsOf('backend')]).toEqual([1203, 60])
})

test('services shows who runs, by the log', async () => {
  const { code, stdout } = await pixlogs(folder, ['services'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^worker +up /m)
})

test('control characters of the log reach no output, in no form', async () => {
  for (const args of [
    ['search', 'job_id:hostile'],
    ['search', 'job_id:hostile', '--json'],
    ['count', '--by', 'logger'],
    ['count', '--by', 'logger', '--json'],
    ['slow', '--over', '60s'],
    ['slow', '--over', '60s', '--json'],
    ['search', `no\u001b[31m(such`],
    ['search', '--logger', '\u001b[31m'],
    ['\u001b[31m'],
  ]) {
    const { stdout, stderr } = await pixlogs(folder, args)
    expect([args, OBEYED.exec(stdout), OBEYED.exec(stderr)]).toEqual([args, null, null])
  }
  const { stdout } = await pixlogs(folder, ['search', 'job_id:hostile', '--json'])
  expect((JSON.parse(stdout) as Entry).message).toBe(HOSTILE)
})

test('a reader that closes the pipe is success', async () => {
  const { code, stdout, stderr } = await shell(folder, 'pixlogs search --limit all | head -n 2')
  expect([code, linesOf(stdout).length, stderr]).toEqual([0, 2, ''])
})

const MISTAKES: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [['serch', 'x'], /unknown command 'serch'\n\(Did you mean search\?\)\nTry: pixlogs --help/],
  [['search', '--limits', '3'], /unknown option '--limits'\n\(Did you mean --limit\?\)/],
  [['search', 'a', '-b'], /unknown option '-b'[\s\S]*goes behind --/],
  [['search', '--limit', '0'], /Expected a whole number from 1, or all/],
  [['search', '--level', 'loud'], /Expected one of DEBUG, INFO, WARNING, ERROR, CRITICAL/],
  [['search', '--from', 'soon'], /Expected a time such as/],
  [['search', '--from', '1h', '--to', '2h'], /--from 1h is not before --to 2h/],
  [['slow', '--over', 'long'], /Expected a duration such as 500ms/],
  [['count', '--per', 'week'], /Allowed choices are minute, hour, day/],
  [['count', '--by', 'x', '--per', 'day'], /cannot be used with/],
  [['count', '--per', 'minute', '--from', '10d'], /more than 1500 minutes.*count --per hour/],
  [['job'], /missing required argument 'id'/],
  [[], /Usage: pixlogs/],
]

test('mistakes in the command line are status 2, with what is wrong and what to do on stderr', async () => {
  await Promise.all(
    MISTAKES.map(async ([args, message]) => {
      const { code, stdout, stderr } = await pixlogs(folder, args)
      expect([args, code, stdout]).toEqual([args, 2, ''])
      expect(stderr).toMatch(message)
    }),
  )
})
