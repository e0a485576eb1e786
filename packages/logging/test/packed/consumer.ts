import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runProgram, tempDir, type ProgramExit } from '@pixsim7/testkit'
import { expect } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../../../..')

/** The library and what it needs of this repository. */
const PACKED = ['packages/logging', 'packages/files', 'packages/record']

/** The tools of the people who use it; they run from this repository, so that nothing is fetched. */
const TOOLS = ['@types/node', 'undici-types', 'vitest', 'esbuild']

/** A folder that has nothing but the packed library, as `npm install` leaves it. */
export interface Consumer {
  readonly dir: string
  write(name: string, content: string): void
  /** Runs a program of this folder with Node, expects status 0 and an empty stderr, and returns its stdout. */
  node(...args: string[]): Promise<string>
  /** Runs a tool of this repository in the folder: the path of its script below node_modules, then its arguments. */
  tool(script: string, ...args: string[]): Promise<ProgramExit>
  /** Messages of the lines in the component's file, then forgets the file. */
  takeMessages(component: string): string[]
}

/**
 * Packs the library with npm, and unpacks it into a new folder, which is removed after the file's last test. Run-time dependencies
 * from elsewhere are those of this repository.
 */
export async function makeConsumer(): Promise<Consumer> {
  const dir = await tempDir('file')
  const modules = path.join(dir, 'node_modules')
  const tarballs = path.join(dir, 'tarballs')
  mkdirSync(tarballs)
  const args = ['pack', '--json', '--offline', '--pack-destination', tarballs]
  const env = { npm_config_update_notifier: 'false' }
  const packed = await runProgram('npm', [...args, ...PACKED.flatMap((folder) => ['-w', folder])], {
    cwd: ROOT,
    env,
  })
  expect(packed).toMatchObject({ code: 0 })
  for (const { name, filename } of JSON.parse(packed.stdout) as { name: string; filename: string }[]) {
    // Some versions of npm write the scope into the name of the file.
    unpack(path.join(tarballs, filename.replace(/^@/, '').replace('/', '-')), path.join(modules, name))
  }
  for (const name of TOOLS) link(name, modules)
  for (const folder of PACKED) linkDependencies(readJson(path.join(ROOT, folder, 'package.json')), modules)
  writeFileSync(path.join(dir, 'package.json'), '{"name":"consumer","private":true}')
  return {
    dir,
    write: (name, content) => writeFileSync(path.join(dir, name), content),
    async node(...nodeArgs) {
      const { code, stdout, stderr } = await runProgram(process.execPath, nodeArgs, { cwd: dir })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return stdout
    },
    tool: (script, ...toolArgs) =>
      runProgram(process.execPath, [path.join(ROOT, 'node_modules', script), ...toolArgs], {
        cwd: dir,
        env: { NO_COLOR: '1' },
        timeoutMs: 180_000,
      }),
    takeMessages(component) {
      const file = path.join(dir, `data/logs/${component}.log`)
      const text = readFileSync(file, 'utf8')
      renameSync(file, `${file}.taken`)
      return text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { message: string }).message)
    },
  }
}

function unpack(tarball: string, folder: string): void {
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder])
}

function linkDependencies(manifest: { dependencies?: Record<string, string> }, modules: string): void {
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (existsSync(path.join(modules, name))) continue
    linkDependencies(readJson(link(name, modules)), modules)
  }
}

/** Returns the package.json of what was linked. */
function link(name: string, modules: string): string {
  const source = path.join(ROOT, 'node_modules', name)
  mkdirSync(path.dirname(path.join(modules, name)), { recursive: true })
  symlinkSync(source, path.join(modules, name), 'junction')
  return path.join(source, 'package.json')
}

function readJson(file: string): { dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(file, 'utf8')) as { dependencies?: Record<string, string> }
}

/** Whether every path that a package's `exports` names is in the package. */
export function missingExports(consumer: Consumer, name: string): string[] {
  const folder = path.join(consumer.dir, 'node_modules', name)
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { exports: unknown }
  const targets = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(value as object).flatMap(targets)
  return targets(manifest.exports).filter((target) => !existsSync(path.join(folder, target)))
}

export const LICENSE = readFileSync(path.join(ROOT, 'LICENSE'), 'utf8')
