import { readFileSync } from 'node:fs'
import path from 'node:path'

/** A `.env` file as read: its variables, and the lines that are no assignment. */
export interface EnvFile {
  readonly path: string
  readonly values: ReadonlyMap<string, string>
  /** Lines that are neither empty, comment nor assignment, with their number from 1: somebody's typing mistake. */
  readonly unusableLines: readonly { readonly number: number; readonly text: string }[]
}

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=/

/**
 * The variables of the text of a `.env` file: `NAME=value`, `export` before it allowed. Unquoted values end before ` #`
 * and lose the spaces around them; `'…'` is taken as it is; in `"…"` the escapes `\n \r \t \" \\` are resolved. Quoted values may
 * run over several lines. Of a name given twice the last one counts. No variable is expanded inside a value.
 */
export function parseEnvFile(text: string): Omit<EnvFile, 'path'> {
  const values = new Map<string, string>()
  const unusableLines: { number: number; text: string }[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    if (/^\s*(#|$)/.test(line)) continue
    const match = ASSIGNMENT.exec(line)
    if (!match) {
      unusableLines.push({ number: index + 1, text: line })
      continue
    }
    const rest = line.slice(match[0].length).trimStart()
    const quote = rest[0]
    if (quote !== '"' && quote !== "'") {
      values.set(match[1] ?? '', rest.replace(/(^|\s)#.*$/, '').trim())
      continue
    }
    let body = rest.slice(1)
    let last = index
    let end = endOfQuoted(body, quote)
    while (end === -1 && last + 1 < lines.length) {
      last++
      body += `\n${lines[last] ?? ''}`
      end = endOfQuoted(body, quote)
    }
    if (end === -1) {
      unusableLines.push({ number: index + 1, text: line })
      continue
    }
    index = last
    const raw = body.slice(0, end)
    values.set(match[1] ?? '', quote === '"' ? unescape(raw) : raw)
  }
  return { values, unusableLines }
}

function endOfQuoted(body: string, quote: string): number {
  for (let index = 0; index < body.length; index++) {
    if (quote === '"' && body[index] === '\\') index++
    else if (body[index] === quote) return index
  }
  return -1
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (whole, character: string) => ESCAPES[character] ?? whole)
}

/**
 * The `.env` nearest to `folder`, looking upwards as far as `lastFolder`; undefined when there is none.
 *
 * @throws What reading throws (no permission, a folder of that name), since the settings in it would be missed.
 */
export function findEnvFile(folder: string, lastFolder: string): EnvFile | undefined {
  for (const candidate of foldersUpTo(folder, lastFolder)) {
    const file = path.join(candidate, '.env')
    try {
      return { path: file, ...parseEnvFile(readFileSync(file, 'utf8')) }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    }
  }
  return undefined
}

/** The nearest folder, from `folder` upwards, whose package.json lists workspaces; undefined when there is none. */
export function findWorkspaceRoot(folder: string): string | undefined {
  return foldersUpTo(folder, path.parse(path.resolve(folder)).root).find((candidate) => {
    try {
      const manifest: unknown = JSON.parse(readFileSync(path.join(candidate, 'package.json'), 'utf8'))
      return typeof manifest === 'object' && manifest !== null && 'workspaces' in manifest
    } catch {
      // No package.json, or one that is not ours to judge: then this is not the folder we look for.
      return false
    }
  })
}

function foldersUpTo(folder: string, lastFolder: string): string[] {
  const folders: string[] = []
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    folders.push(current)
    if (current === path.resolve(lastFolder) || current === path.dirname(current)) return folders
  }
}
