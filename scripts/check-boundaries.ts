/**
 * Checks that imports between workspaces follow the table in docs/architecture.md ("May import"), that a package is
 * entered by its name only (no path into another workspace, no `dist/` or `src/`), and that `record` stays free of
 * `node:` modules. Prints each violation and ends with status 1 when there is one.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

const WORKSPACE_FOLDERS = ['packages', 'apps', 'tools']
/** Workspaces that run in a browser: no `node:` module. */
const BROWSER_SAFE = new Set(['packages/record', 'packages/protocol', 'packages/panel'])

interface Workspace {
  readonly folder: string
  readonly name: string
}

export interface Violation {
  readonly file: string
  readonly line: number
  readonly specifier: string
  readonly reason: string
}

/** Reads the rows `| \`folder\` | … | \`a\`, \`b\` |` of the import table; the last column names folders. */
export function readImportTable(markdown: string): Map<string, Set<string>> {
  const table = new Map<string, Set<string>>()
  const section = /## Who may import whom\n([\s\S]*?)(?=\n## |$)/.exec(markdown)?.[1]
  if (section === undefined) throw new Error('docs/architecture.md has no section "Who may import whom"')
  for (const line of section.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim())
    const folder = /^`([\w/-]+)`$/.exec(cells[1] ?? '')?.[1]
    if (folder === undefined) continue
    table.set(
      folder,
      new Set([...(cells.at(-2) ?? '').matchAll(/`([\w/-]+)`/g)].map((match) => match[1] ?? '')),
    )
  }
  return table
}

function listWorkspaces(root: string): Workspace[] {
  return WORKSPACE_FOLDERS.filter((folder) => existsSync(path.join(root, folder))).flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .map((entry) => `${folder}/${entry}`)
      .filter((entry) => existsSync(path.join(root, entry, 'package.json')))
      .map((entry) => ({
        folder: entry,
        name: (JSON.parse(readFileSync(path.join(root, entry, 'package.json'), 'utf8')) as { name: string })
          .name,
      })),
  )
}

function listSources(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return []
    const file = path.join(folder, entry.name)
    return entry.isDirectory() ? listSources(file) : /\.tsx?$/.test(entry.name) ? [file] : []
  })
}

function importsOf(file: string): { specifier: string; line: number }[] {
  const text = readFileSync(file, 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: { specifier: string; line: number }[] = []
  const add = (node: ts.Expression) => {
    if (!ts.isStringLiteralLike(node)) return
    found.push({ specifier: node.text, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 })
  }
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      add(node.moduleSpecifier)
    if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      node.arguments[0]
    )
      add(node.arguments[0])
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal as ts.Expression)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** All imports below `root` that the table forbids. Tests may use `tools/*` besides what their workspace may import. */
export function findViolations(root: string): Violation[] {
  const table = readImportTable(readFileSync(path.join(root, 'docs/architecture.md'), 'utf8'))
  const workspaces = listWorkspaces(root)
  const violations: Violation[] = []
  for (const workspace of workspaces) {
    const allowed = table.get(workspace.folder)
    for (const file of listSources(path.join(root, workspace.folder))) {
      const isTest =
        /\.test\.tsx?$/.test(file) ||
        path.relative(path.join(root, workspace.folder), file).startsWith('test/')
      // Runs in Node when the workspace is built, not in the browser.
      const isBuildConfig = path.basename(file) === 'vite.config.ts'
      for (const { specifier, line } of importsOf(file)) {
        const report = (reason: string) =>
          violations.push({ file: path.relative(root, file), line, specifier, reason })
        if (allowed === undefined) {
          report(`${workspace.folder} has no row in docs/architecture.md`)
        } else if (specifier.startsWith('.')) {
          const target = path.relative(
            path.join(root, workspace.folder),
            path.resolve(path.dirname(file), specifier),
          )
          if (target.startsWith('..')) report('reaches into another workspace by path; import it by its name')
        } else if (specifier.startsWith('node:')) {
          if (BROWSER_SAFE.has(workspace.folder) && !isTest && !isBuildConfig)
            report(`${workspace.folder} runs in a browser`)
        } else {
          const target = workspaces.find(
            (other) => specifier === other.name || specifier.startsWith(`${other.name}/`),
          )
          if (target === undefined || target === workspace) continue
          if (/\/(dist|src)(\/|$)/.test(specifier)) report('enters a package past its exports')
          else if (!allowed.has(target.folder) && !(isTest && target.folder.startsWith('tools/'))) {
            report(`${workspace.folder} may not import ${target.folder}`)
          }
        }
      }
    }
  }
  return violations
}

if (process.argv[1] === import.meta.filename) {
  const violations = findViolations(path.dirname(import.meta.dirname))
  for (const { file, line, specifier, reason } of violations) {
    process.stderr.write(`${file}:${line}: '${specifier}': ${reason}\n`)
  }
  process.stdout.write(violations.length === 0 ? 'Imports follow docs/architecture.md.\n' : '')
  process.exitCode = violations.length === 0 ? 0 : 1
}
