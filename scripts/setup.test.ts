import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const REPOSITORY = path.dirname(import.meta.dirname)
const PATIENCE_MS = 90_000
const isRoot = process.getuid?.() === 0

/** A workspace project with the set-up of this repository, whose compiler and bundler are links to ours: npm needs no network for it. */
class Project {
  readonly root = mkdtempSync(path.join(tmpdir(), 'set-up test '))
  readonly #children: ChildProcess[] = []

  constructor() {
    for (const name of ['setup.mjs', 'build.mjs', 'setup']) {
      cpSync(path.join(REPOSITORY, 'scripts', name), path.join(this.root, 'scripts', name), {
        recursive: true,
      })
    }
    const tool = (name: string, file: string) => {
      this.write(`tools/${name}/package.json`, JSON.stringify({ name, version: '1.0.0' }))
      this.write(
        `tools/${name}/${file}`,
        `import(${JSON.stringify(path.join(REPOSITORY, 'node_modules', name, file))})\n`,
      )
    }
    tool('typescript', 'bin/tsc')
    tool('vite', 'bin/vite.js')
    this.write('packages/a/package.json', '{"name":"a","version":"1.0.0","type":"module"}')
    this.write('packages/a/src/one.ts', 'export const one = 1\n')
    this.write('packages/a/src/two.ts', 'export const two = 2\n')
    const compilerOptions = {
      composite: true,
      rootDir: 'src',
      outDir: 'dist',
      tsBuildInfoFile: 'dist/.tsbuildinfo',
      types: [],
    }
    this.write('packages/a/tsconfig.json', JSON.stringify({ compilerOptions, include: ['src'] }))
    this.write('packages/panel/package.json', '{"name":"panel","version":"1.0.0"}')
    this.write('packages/panel/index.html', '<!doctype html><title>panel</title>')
    this.write('tsconfig.json', '{"files":[],"references":[{"path":"packages/a"}]}')
    this.write('tsconfig.base.json', '{}')
    const workspaces = ['packages/*', 'tools/*']
    this.write(
      'package.json',
      JSON.stringify({ name: 'project', version: '1.0.0', private: true, workspaces }),
    )
    const members = ['packages/a', 'packages/panel', 'tools/typescript', 'tools/vite']
    const packages = Object.fromEntries(
      members.flatMap((folder) => [
        [`node_modules/${path.basename(folder)}`, { resolved: folder, link: true }],
        [folder, { version: '1.0.0' }],
      ]),
    )
    this.write(
      'package-lock.json',
      JSON.stringify({
        name: 'project',
        version: '1.0.0',
        lockfileVersion: 3,
        requires: true,
        packages: { '': { name: 'project', version: '1.0.0', workspaces }, ...packages },
      }),
    )
  }

  path(file: string): string {
    return path.join(this.root, file)
  }

  has(file: string): boolean {
    return existsSync(this.path(file))
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8')
  }

  write(file: string, text: string): void {
    mkdirSync(path.dirname(this.path(file)), { recursive: true })
    writeFileSync(this.path(file), text)
  }

  /** Starts the set-up; `through` is put before it on the command line. */
  start(environment: NodeJS.ProcessEnv = {}, through: readonly string[] = []): Run {
    const words = [...through, process.execPath, this.path('scripts/setup.mjs')]
    // What the npm that runs these tests has set must not decide them.
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_ENV$|^CI$/i.test(name)),
    )
    const child = spawn(words[0] ?? '', words.slice(1), {
      cwd: this.root,
      env: { ...inherited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#children.push(child)
    return new Run(child)
  }

  /** A program in the place of npm: JavaScript with `fs` and `root` in scope. Returns the environment that makes it the npm that started us. */
  replaceNpm(code: string): NodeJS.ProcessEnv {
    const file = this.path('npm/npm-cli.js')
    this.write(
      'npm/npm-cli.js',
      `const fs = require('node:fs'); const root = ${JSON.stringify(this.root)};\n${code}\n`,
    )
    return { npm_execpath: file }
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    // An npm of ours that a failed test has left.
    const npm = this.has('npm.pid') ? Number(this.read('npm.pid')) : 0
    if (npm > 0 && isAlive(npm)) process.kill(npm, 'SIGKILL')
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 })
  }
}

class Run {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  output = ''

  constructor(child: ChildProcess) {
    this.child = child
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text))
    this.ended = new Promise((resolve) => child.once('close', (status) => resolve(status)))
  }
}

async function until(what: string, isMet: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!isMet()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}`)
    await sleep(20)
  }
}

function isAlive(pid: number): boolean {
  try {
    // A zombie has ended, although its pid is still taken.
    return process.kill(pid, 0) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** An npm that begins to install and then takes for ever, deaf to SIGTERM. */
const HANGING_NPM = `
  fs.mkdirSync(root + '/node_modules/half', { recursive: true })
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 1000)
  fs.writeFileSync(root + '/npm.pid', String(process.pid))
`

let project: Project

beforeEach(() => {
  project = new Project()
})

afterEach(() => {
  project.close()
})

describe('the set-up', () => {
  it('installs and builds a fresh clone, and does nothing the second time', async () => {
    const first = project.start()
    expect([await first.ended, first.output]).toEqual([
      0,
      expect.stringMatching(/Installing[^]*installed in \d+ s\.\nBuilding …\nBuilt in \d+ s\.\n$/),
    ])
    expect(project.read('packages/a/dist/one.js')).toContain('one = 1')
    expect(project.has('packages/panel/dist/index.html')).toBe(true)
    const before = statSync(project.path('packages/a/dist/one.js')).mtimeMs
    const second = project.start(project.replaceNpm('process.exit(1)'))
    expect([await second.ended, second.output]).toEqual([0, ''])
    expect(statSync(project.path('packages/a/dist/one.js')).mtimeMs).toBe(before)
  })

  it('builds what was changed, removes what has no source any more, and makes what was deleted', async () => {
    expect(await project.start().ended).toBe(0)
    project.write('packages/a/src/one.ts', 'export const one = 11\n')
    rmSync(project.path('packages/a/src/two.ts'))
    expect(await project.start().ended).toBe(0)
    expect(project.read('packages/a/dist/one.js')).toContain('one = 11')
    expect(
      ['two.js', 'two.d.ts', 'one.js', 'one.d.ts'].filter((file) => project.has(`packages/a/dist/${file}`)),
    ).toEqual(['one.js', 'one.d.ts'])
    rmSync(project.path('packages/a/dist/one.js'))
    rmSync(project.path('packages/panel/dist'), { recursive: true })
    expect(await project.start().ended).toBe(0)
    expect(project.has('packages/a/dist/one.js')).toBe(true)
    expect(project.has('packages/panel/dist/index.html')).toBe(true)
  })

  it('tells what the compiler said, and builds once that is mended', async () => {
    project.write('packages/a/src/one.ts', 'export const one: string = 1\n')
    const broken = project.start()
    expect(await broken.ended).toBe(1)
    expect(broken.output).toContain('The build stopped in tsc, which says:')
    expect(broken.output).toContain('src/one.ts(1,14): error TS2322')
    expect(broken.output).not.toContain('at async')
    project.write('packages/a/src/one.ts', 'export const one = 1\n')
    expect(await project.start().ended).toBe(0)
  })

  it('accepts an installation made by hand, and completes one that lacks something', async () => {
    expect(await project.start().ended).toBe(0)
    rmSync(project.path('node_modules/.pixsim7-stamp'))
    const refusing = project.replaceNpm('process.exit(1)')
    expect(await project.start(refusing).ended).toBe(0)
    rmSync(project.path('node_modules/.pixsim7-stamp'))
    rmSync(project.path('node_modules/typescript'))
    expect(await project.start(refusing).ended).toBe(1)
    expect(await project.start().ended).toBe(0)
  })

  it('says in one message why the dependencies cannot be installed, and tries again the next time', async () => {
    const offline = project.replaceNpm(
      `console.error('npm error code ENOTFOUND\\nnpm error getaddrinfo ENOTFOUND registry.invalid'); process.exit(1)`,
    )
    const failed = project.start(offline)
    expect(await failed.ended).toBe(1)
    expect(failed.output).toContain(
      'The dependencies could not be installed.\nThe package registry cannot be reached',
    )
    expect(failed.output).toContain('npm ci ended with status 1 and said:\n  npm error code ENOTFOUND\n')
    expect(failed.output).not.toContain('    at ')
    expect(await project.start().ended).toBe(0)
  })

  it('notices when npm reports success but has left something out', async () => {
    const failed = project.start(project.replaceNpm(''))
    expect(await failed.ended).toBe(1)
    expect(failed.output).toContain('npm ci reported success but left out:\n')
    expect(failed.output).toContain('node_modules/typescript')
  })

  it('runs npm with the user’s registry, but without what would change the installation', async () => {
    const environment = {
      ...project.replaceNpm(
        `fs.writeFileSync(root + '/seen', JSON.stringify({ args: process.argv.slice(2), env: process.env })); process.exit(1)`,
      ),
      NODE_ENV: 'production',
      npm_config_workspace: 'x',
      npm_config_omit: 'dev',
      NPM_CONFIG_IGNORE_SCRIPTS: 'true',
      npm_lifecycle_event: 'start',
      npm_config_registry: 'http://registry.invalid/',
    }
    await project.start(environment).ended
    const seen = JSON.parse(project.read('seen')) as { args: string[]; env: Record<string, string> }
    expect(seen.args).toEqual(expect.arrayContaining(['ci', '--include=dev', '--include=optional']))
    expect(seen.env).toMatchObject({ npm_config_registry: 'http://registry.invalid/' })
    const unwanted = [
      'NODE_ENV',
      'npm_config_workspace',
      'npm_config_omit',
      'NPM_CONFIG_IGNORE_SCRIPTS',
      'npm_lifecycle_event',
    ]
    expect(unwanted.filter((name) => name in seen.env)).toEqual([])
  })
})

describe('an interrupted set-up', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends on %s with status %i and leaves nothing running', async (signal, status) => {
    const run = project.start(project.replaceNpm(HANGING_NPM))
    await until('npm has begun', () => project.has('npm.pid'))
    run.child.kill(signal)
    expect(await run.ended).toBe(status)
    expect(isAlive(Number(project.read('npm.pid')))).toBe(false)
    expect(project.has('.setup/lock')).toBe(false)
    expect(run.output).toContain('Set-up interrupted')
    expect(run.output).not.toContain('could not be installed')
  })

  it('is made good the next time', async () => {
    const run = project.start(project.replaceNpm(HANGING_NPM))
    await until('npm has begun', () => project.has('npm.pid'))
    run.child.kill('SIGINT')
    await run.ended
    expect(await project.start().ended).toBe(0)
    expect(project.has('node_modules/half')).toBe(false)
    expect(project.has('packages/a/dist/one.js')).toBe(true)
  })

  it('is not taken for done when the lock file is again what it was before', async () => {
    expect(await project.start().ended).toBe(0)
    const lockFile = project.read('package-lock.json')
    project.write('package-lock.json', `${lockFile}\n`)
    rmSync(project.path('node_modules/typescript'))
    const run = project.start(project.replaceNpm(HANGING_NPM))
    await until('npm has begun', () => project.has('npm.pid'))
    run.child.kill('SIGINT')
    await run.ended
    project.write('package-lock.json', lockFile)
    expect(await project.start().ended).toBe(0)
    expect(project.has('node_modules/typescript')).toBe(true)
  })

  it('ends when the shell that started it has gone', async () => {
    const run = project.start(project.replaceNpm(HANGING_NPM), ['/bin/sh', '-c', '"$@"; true', 'sh'])
    await until('npm has begun', () => project.has('npm.pid'))
    run.child.kill('SIGKILL')
    await until('npm has ended', () => !isAlive(Number(project.read('npm.pid'))))
    await until('the lock is gone', () => !project.has('.setup/lock'))
  })
})

describe('two set-ups in one folder', () => {
  it('work one after the other, and the second has nothing left to do', async () => {
    // Two seconds in which the other one is sure to come.
    const slow = project.replaceNpm(`
      fs.appendFileSync(root + '/calls', 'x')
      setTimeout(() => require('node:child_process').execFileSync('npm', ['ci'], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' }), 2000)
    `)
    const first = project.start(slow)
    await until('the first has begun', () => project.has('calls'))
    const second = project.start(slow)
    expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0])
    expect(project.read('calls')).toBe('x')
    expect(second.output).toContain(`Another set-up (process ${first.child.pid}) is at work here`)
  })

  it('do not wait for one that was killed', async () => {
    const killed = project.start(project.replaceNpm(HANGING_NPM))
    await until('npm has begun', () => project.has('npm.pid'))
    killed.child.kill('SIGKILL')
    await killed.ended
    process.kill(Number(project.read('npm.pid')), 'SIGKILL')
    expect(project.has('.setup/lock')).toBe(true)
    const next = project.start()
    expect(await next.ended).toBe(0)
    expect(next.output).not.toContain('waiting for it')
  })

  it('do not wait for ever on a lock whose pid belongs to another program today', async () => {
    project.write('.setup/lock', String(process.pid))
    const run = project.start()
    expect(await run.ended).toBe(0)
    expect(run.output).toContain('waiting for it')
  })
})

describe('a folder that cannot be written', () => {
  // Root may write everywhere, so there it needs another user, one without a home.
  const through = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
  // That user may not be able to enter the folder of Node.
  const canTry =
    process.platform === 'linux' &&
    (!isRoot || spawnSync('setpriv', [...through.slice(1), process.execPath, '-e', '']).status === 0)

  it.runIf(canTry)('is told in one message', async () => {
    await project.start(project.replaceNpm('process.exit(1)')).ended
    rmSync(project.path('.setup'), { recursive: true })
    const { chmodSync } = await import('node:fs')
    chmodSync(project.root, 0o555)
    const run = project.start({ HOME: '/nonexistent' }, through)
    expect(await run.ended).toBe(1)
    expect(run.output).toBe(
      `\nCannot write into ${project.root}: permission denied. PixSim7 Logs keeps its dependencies, build and data there: make the folder writable for you, or clone into one that is.\n`,
    )
    chmodSync(project.root, 0o755)
  })

  it.runIf(canTry)('does not matter when everything is ready', async () => {
    expect(await project.start().ended).toBe(0)
    const { chmodSync } = await import('node:fs')
    chmodSync(project.root, 0o555)
    const run = project.start({ HOME: '/nonexistent' }, through)
    expect([await run.ended, run.output]).toEqual([0, ''])
    chmodSync(project.root, 0o755)
  })
})
