// Builds every workspace: TypeScript to dist/, the panel to packages/panel/dist/. Skipped when no source changed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE_FOLDERS = ['packages', 'apps', 'tools']
const NOT_SOURCE = new Set(['node_modules', 'dist', 'test'])

function* sourceFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (NOT_SOURCE.has(entry.name)) continue
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* sourceFiles(file)
    else if (!/\.test\.tsx?$/.test(entry.name)) yield file
  }
}

/** Hash over the content of everything the build reads. */
function sourceHash(root) {
  const hash = createHash('sha256').update(process.version)
  for (const name of ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json']) hash.update(readFileSync(path.join(root, name)))
  for (const folder of SOURCE_FOLDERS) {
    for (const file of sourceFiles(path.join(root, folder))) hash.update(path.relative(root, file)).update(readFileSync(file))
  }
  return hash.digest('hex')
}

function run(root, script, args) {
  const result = spawnSync(process.execPath, [path.join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (result.status !== 0) {
    process.stderr.write(`\nThe build stopped in ${path.basename(script)}; its message stands above.\n`)
    process.exit(1)
  }
}

/** Builds what has changed since the stamp in `stamps` was written; ends the process with status 1 on an error. */
export async function build(root, stamps) {
  const stamp = path.join(stamps, 'build')
  const wanted = sourceHash(root)
  const isBuilt = existsSync(path.join(root, 'packages/server/dist')) && existsSync(path.join(root, 'packages/panel/dist/index.html'))
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  process.stderr.write('Building …\n')
  const startedAt = Date.now()
  run(root, 'typescript/bin/tsc', ['-b'])
  run(root, 'vite/bin/vite.js', ['build', 'packages/panel', '--logLevel', 'warn'])
  mkdirSync(stamps, { recursive: true })
  writeFileSync(stamp, wanted)
  process.stderr.write(`Built in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
  await build(root, path.join(root, '.setup'))
}
