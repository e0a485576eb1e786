import { requireTool, runProgram } from '@pixsim7/testkit'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { appendLines, linesOf, pixlogs, projectFolder } from './support/project.ts'

/** The blocks of a configuration: their files, and their directives. */
function blocksOf(text: string): { files: string[]; directives: string[] }[] {
  return [...text.matchAll(/^([^#{}]+?) \{\n([^}]*)\}/gm)].map(([, files = '', directives = '']) => ({
    files: files.trim().split('\n'),
    directives: directives
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  }))
}

test.each([
  ['development', 'rotate 7'],
  ['staging', 'rotate 14'],
  ['production', 'rotate 30'],
])(
  'for %s files are rotated daily (%s), and errors.log weekly and kept 91 days in a block of its own',
  async (environment, keep) => {
    const folder = await projectFolder()
    appendLines(folder, 'billing.log', [{ message: 'a third component' }])
    const { code, stdout } = await pixlogs(folder, [
      'logrotate',
      '--env',
      environment,
      '--user',
      'pixsim',
      '--group',
      'pixsim',
    ])
    expect(code).toBe(0)
    const common = [
      'compress',
      'delaycompress',
      'notifempty',
      'missingok',
      'create 0644 pixsim pixsim',
      'sharedscripts',
    ]
    const script = [
      'postrotate',
      '# Reload services after rotation',
      'systemctl reload pixsim7-backend',
      'systemctl reload pixsim7-worker',
      'endscript',
    ]
    const file = (name: string) => path.join(folder, 'data/logs', name)
    expect(blocksOf(stdout)).toEqual([
      {
        files: [file('backend.log'), file('worker.log'), file('billing.log')],
        directives: ['daily', keep, ...common, ...script],
      },
      { files: [file('errors.log')], directives: ['weekly', 'rotate 13', ...common, ...script] },
    ])
    const byEnvironment = await pixlogs(folder, ['logrotate', '--user', 'pixsim', '--group', 'pixsim'], {
      LOG_ENV: environment,
    })
    expect(byEnvironment.stdout).toBe(stdout)
  },
)

test('logrotate takes the configuration, rotates all files with it and runs the reload once for each block', async (context) => {
  const logrotate = await requireTool(context, 'logrotate')
  const folder = path.join(await projectFolder(), 'with space')
  mkdirSync(path.join(folder, 'data/logs'), { recursive: true })
  writeFileSync(path.join(folder, '.env'), 'WORKER_LOG_FILE=elsewhere/worker.log\n')
  mkdirSync(path.join(folder, 'elsewhere'))
  for (const name of ['data/logs/backend.log', 'elsewhere/worker.log', 'data/logs/errors.log'])
    writeFileSync(path.join(folder, name), `${name}\n`)
  for (const part of ['', 'data', 'data/logs', 'elsewhere']) chmodSync(path.join(folder, part), 0o755)
  const told = path.join(folder, 'reloads')
  const printed = await pixlogs(folder, ['logrotate', '--reload', `echo reload >> '${told}'`])
  expect(printed.code).toBe(0)
  const config = path.join(folder, 'logrotate.conf')
  writeFileSync(config, printed.stdout, { mode: 0o644 })
  const run = await runProgram(logrotate, ['-f', '-s', path.join(folder, 'state'), config])
  expect([run.code, run.stderr]).toEqual([0, ''])
  expect(readdirSync(path.join(folder, 'data/logs')).sort()).toEqual([
    'backend.log',
    'backend.log.1',
    'errors.log',
    'errors.log.1',
  ])
  expect(existsSync(path.join(folder, 'elsewhere/worker.log.1'))).toBe(true)
  expect(linesOf(readFileSync(told, 'utf8'))).toEqual(['reload', 'reload'])
})

test('what logrotate would misread is refused', async () => {
  const folder = await projectFolder()
  for (const args of [
    ['--user', 'a b'],
    ['--group', 'x;y'],
    ['--reload', 'endscript'],
    ['--env', 'moon'],
  ]) {
    const { code, stdout, stderr } = await pixlogs(folder, ['logrotate', ...args])
    expect([args, code, stdout, stderr !== '']).toEqual([args, 2, '', true])
  }
})
