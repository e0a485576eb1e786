import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { tempDir } from '@pixsim7/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEnvFile } from './env-file.ts'
import { findSettings } from './source.ts'

const values = (text: string) => Object.fromEntries(parseEnvFile(text).values)

describe('parseEnvFile', () => {
  it('reads the block of the specification as it stands', () => {
    expect(
      values(`# Backend API logs
LOG_FILE=data/logs/backend.log

# Worker logs (ARQ)
WORKER_LOG_FILE=data/logs/worker.log

# Error logs (all components)
ERROR_LOG_FILE=data/logs/errors.log

# Log level
LOG_LEVEL=INFO  # DEBUG, INFO, WARNING, ERROR, CRITICAL

# Format (JSON for production, plain for development)
JSON_LOGS=false
`),
    ).toEqual({
      LOG_FILE: 'data/logs/backend.log',
      WORKER_LOG_FILE: 'data/logs/worker.log',
      ERROR_LOG_FILE: 'data/logs/errors.log',
      LOG_LEVEL: 'INFO',
      JSON_LOGS: 'false',
    })
  })

  it.each<[string, Record<string, string>]>([
    ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['\uFEFFA=1', { A: '1' }],
    ['export A = 1 ', { A: '1' }],
    ['A=', { A: '' }],
    ['A=# only a comment', { A: '' }],
    ['A=a#b', { A: 'a#b' }],
    ['A="a # b"  # c', { A: 'a # b' }],
    ["A='a \\n b'", { A: 'a \\n b' }],
    ['A="a\\nb \\"q\\" \\\\ \\x"', { A: 'a\nb "q" \\ \\x' }],
    ['A="two\nlines"\nB=1', { A: 'two\nlines', B: '1' }],
    ['A=1\nA=2', { A: '2' }],
    ['A=b=c', { A: 'b=c' }],
    ['A=$B', { A: '$B' }],
    [
      '__proto__=x\nconstructor=y',
      JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>,
    ],
  ])('reads %j', (text, expected) => {
    expect(values(text)).toEqual(expected)
  })

  it('tells lines that are no assignment and quotes that are not closed', () => {
    expect(parseEnvFile('A=1\nLOG_LEVEL INFO\nB="open\nC=2').unusableLines).toEqual([
      { number: 2, text: 'LOG_LEVEL INFO' },
      { number: 3, text: 'B="open' },
    ])
  })

  it('reads any text without throwing, and any value in double quotes back', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseEnvFile(text)))
    fc.assert(
      fc.property(fc.string(), (text) => {
        const quoted = text.replace(/[\\"]/g, '\\$&').replace(/\r/g, '\\r')
        expect(values(`A="${quoted}"`)).toEqual({ A: text })
      }),
    )
  })
})

describe('findSettings', () => {
  async function project(): Promise<{ root: string; inner: string }> {
    const root = await tempDir()
    const inner = path.join(root, 'apps', 'x')
    mkdirSync(inner, { recursive: true })
    writeFileSync(path.join(root, 'package.json'), '{"workspaces":["apps/*"]}')
    writeFileSync(path.join(inner, 'package.json'), '{}')
    return { root, inner }
  }

  it('takes the environment first, then the nearest .env, and says where a value stands', async () => {
    const { root, inner } = await project()
    writeFileSync(path.join(root, '.env'), 'A=far\nB=file\nC=\n')
    const source = findSettings({ env: { A: 'env', D: '  ' }, cwd: inner })
    expect(source.lookUp('A')).toEqual({ value: 'env', source: 'environment' })
    expect(source.lookUp('B')).toEqual({ value: 'file', source: path.join(root, '.env') })
    expect(source.lookUp('C')).toBeUndefined()
    expect(source.lookUp('D')).toBeUndefined()
    expect(source.baseFolder).toBe(root)
    writeFileSync(path.join(inner, '.env'), 'B=near')
    const near = findSettings({ env: {}, cwd: inner })
    expect(near.lookUp('B')?.value).toBe('near')
    expect(near.baseFolder).toBe(inner)
  })

  it('looks no further than the workspace root, and without one only in the working folder', async () => {
    const { root, inner } = await project()
    const below = path.join(root, '..')
    expect(findSettings({ env: {}, cwd: inner })).toMatchObject({ envFile: undefined, baseFolder: root })
    const plain = await tempDir()
    mkdirSync(path.join(plain, 'sub'))
    writeFileSync(path.join(plain, '.env'), 'A=1')
    expect(findSettings({ env: {}, cwd: path.join(plain, 'sub') })).toMatchObject({
      envFile: undefined,
      baseFolder: path.join(plain, 'sub'),
    })
    expect(below).not.toBe(root)
  })

  it('tells a .env that is a folder, and mistyped lines of variables that matter', async () => {
    const { root, inner } = await project()
    mkdirSync(path.join(inner, '.env'))
    expect(findSettings({ env: {}, cwd: inner }).problemsFor(['LOG_LEVEL'])).toMatchObject([{ name: '.env' }])
    writeFileSync(
      path.join(root, '.env'),
      'SOMETHING ELSE\nLOG_LEVEL INFO\nexport DATABASE_URL postgres://a:hunter2@b\n',
    )
    const problems = findSettings({ env: {}, cwd: root }).problemsFor(['LOG_LEVEL', 'DATABASE_URL'])
    expect(problems).toMatchObject([
      { name: 'line 2', value: 'LOG_LEVEL INFO' },
      { name: 'line 3', value: 'export DATABASE_URL postgres://[redacted]@b' },
    ])
    chmodSync(root, 0o755)
  })
})
