/**
 * The `.env` file, read the way the logging library reads it, so that the launcher's checks and messages speak of the same
 * values as the programs it starts: those read the file themselves.
 */

/** Variables of a `.env` file, and the numbers (from 1) of lines that are no assignment. */
export interface EnvFileContent {
  readonly values: ReadonlyMap<string, string>
  readonly unusableLines: readonly number[]
}

// One alternative per kind of line; a quoted value may run over several. Unquoted values end before a `#` after a blank.
const LINE =
  /[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][\w.]*)[^\S\n]*=[^\S\n]*(?:"((?:\\[^]|[^"\\])*)"[^\n]*|'([^']*)'[^\n]*|(?!["'])([^\n]*))|[^\S\n]*(?:#[^\n]*)?(?=\n|$)/y

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

/** Reads the text of a `.env` file. Of a name given twice the last one counts; nothing is expanded inside values. */
export function parseEnvFile(text: string): EnvFileContent {
  const source = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n')
  const values = new Map<string, string>()
  const unusableLines: number[] = []
  let lineNumber = 1
  for (let position = 0; position < source.length;) {
    LINE.lastIndex = position
    const match = LINE.exec(source)
    const end = match === null ? endOfLine(source, position) : LINE.lastIndex
    if (match === null) unusableLines.push(lineNumber)
    else if (match[1] !== undefined) values.set(match[1], valueOf(match))
    lineNumber += source.slice(position, end + 1).split('\n').length - 1
    position = end + 1
  }
  return { values, unusableLines }
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf('\n', from)
  return end === -1 ? source.length : end
}

function valueOf([, , doubleQuoted, singleQuoted, unquoted = '']: RegExpExecArray): string {
  if (doubleQuoted !== undefined) {
    return doubleQuoted.replaceAll(/\\(.)/g, (whole, character: string) => ESCAPES[character] ?? whole)
  }
  return singleQuoted ?? unquoted.replace(/(^|\s)#.*$/, '').trim()
}
