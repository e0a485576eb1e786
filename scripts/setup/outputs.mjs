// What stands in the dist/ folders against what the sources call for.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

const WORKSPACE_FOLDERS = ['packages', 'apps', 'tools']
const NOT_SOURCE = new Set(['node_modules', 'dist', 'test'])
/** The panel is bundled by Vite, which empties its folder itself. */
const BUNDLED = 'packages/panel'

function listFolder(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
}

function* files(folder, ignored) {
  for (const entry of listFolder(folder)) {
    if (ignored.has(entry.name)) continue
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* files(file, ignored)
    else yield file
  }
}

/** The folders of the workspaces, relative to `root`. */
export function listWorkspaces(root) {
  return WORKSPACE_FOLDERS.flatMap((folder) =>
    listFolder(path.join(root, folder))
      .map((entry) => `${folder}/${entry.name}`)
      .filter((workspace) => existsSync(path.join(root, workspace, 'package.json'))),
  )
}

/** Every file the build may read, in a fixed order. Tests and pages for people are no part of it. */
export function* listSources(root) {
  for (const workspace of listWorkspaces(root)) {
    for (const file of files(path.join(root, workspace), NOT_SOURCE)) {
      if (!/\.test\.tsx?$|\.md$/.test(file)) yield file
    }
  }
}

/** The compiled files that the sources of one workspace call for: `dist/a/b.js` for `src/a/b.ts`. */
function expectedScripts(folder) {
  const source = path.join(folder, 'src')
  return [...files(source, NOT_SOURCE)]
    .filter((file) => /\.tsx?$/.test(file) && !/\.(test\.tsx?|d\.ts)$/.test(file))
    .map((file) => path.join(folder, 'dist', path.relative(source, file).replace(/\.tsx?$/, '.js')))
}

/** Workspaces in which a compiled file is missing, although perhaps the compiler's own record says it is there. */
export function findIncomplete(root) {
  return listWorkspaces(root).filter((workspace) => {
    const folder = path.join(root, workspace)
    if (workspace === BUNDLED) return !existsSync(path.join(folder, 'dist', 'index.html'))
    return expectedScripts(folder).some((file) => !existsSync(file))
  })
}

/** Makes the compiler write everything anew in `workspace`: without its record it believes nothing. */
export function forgetBuild(root, workspace) {
  for (const place of ['dist', 'dist/types'])
    rmSync(path.join(root, workspace, place, '.tsbuildinfo'), { force: true })
}

/**
 * Removes compiled files whose source is gone: a deleted module would otherwise go on being importable, and a renamed
 * program startable, on this machine only. Returns how many.
 */
export function removeStaleOutputs(root) {
  let removed = 0
  for (const workspace of listWorkspaces(root)) {
    if (workspace === BUNDLED) continue
    const folder = path.join(root, workspace)
    const expected = new Set(expectedScripts(folder))
    for (const file of files(path.join(folder, 'dist'), new Set())) {
      const script = file.replace(/(\.js\.map|\.d\.ts|\.d\.ts\.map)$/, '.js')
      if (!script.endsWith('.js') || expected.has(script)) continue
      rmSync(file)
      removed++
    }
  }
  return removed
}
