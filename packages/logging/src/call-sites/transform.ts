import { lineIndex, lineStarts, lookUpSource, type SourceMapPayload } from './source-lookup.ts'
import { findLogCalls, LIKELY_CALL } from './find-log-calls.ts'

/** A text put into the code before the character at `offset`. */
export interface Insertion {
  readonly offset: number
  readonly text: string
}

/** A file with the places of its log calls written into it. */
export interface TransformedFile {
  readonly code: string
  readonly insertions: readonly Insertion[]
}

/** How a file is transformed. */
export interface TransformOptions {
  /** What the code calls itself in a stack: a path or a `file:` URL. */
  readonly file: string
  readonly isModule: boolean
  /** The map from the code to its source; else it is looked for in the code and beside the file. */
  readonly map?: SourceMapPayload | undefined
  /** Tell the library, when the code runs, by how much columns have moved: where no tool takes care of source maps. */
  readonly tellsShifts: boolean
}

const PACKAGE = '@pixsim7/logging'
const MARK = '$pixsim7At'

/**
 * Writes module, function and line into each log call of a file ahead of time: `logger.info(…)` becomes
 * `$pixsim7At(logger,0).info(…)`, which hands the logger the place with that number in a table at the top of the file, and
 * leaves every other object alone. No line is added or moved. Returns undefined when there is nothing to do: the file does not
 * mention the package, holds no such call, is transformed already or is no JavaScript. Never throws.
 */
export function transformCallSites(code: string, options: TransformOptions): TransformedFile | undefined {
  if (!mayHoldLogCalls(code)) return undefined
  try {
    const source = lookUpSource(code, options.file, options.map)
    const { calls, bodyStart, isAfterDirective } = findLogCalls(code, options.isModule, (start, name) =>
      start < 0 ? name : source.nameOf(start, name),
    )
    if (calls.length === 0) return undefined
    const sites: string[] = []
    const insertions: Insertion[] = []
    for (const call of calls) {
      const { line, module } = source.placeOf(call.methodStart)
      const number = sites.push(JSON.stringify({ module, function: call.function, line })) - 1
      // `return[logger][0].info()`: the name must not grow onto the word before it.
      const space = /[\w$]/.test(code[call.start - 1] ?? '') ? ' ' : ''
      const [open, close] = call.isSequence ? ['((', ')'] : ['(', '']
      insertions.push(
        { offset: call.start, text: `${space}${MARK}${open}` },
        { offset: call.end, text: `${close},${number})` },
      )
    }
    sortInsertions(insertions)
    const prelude = `${isAfterDirective ? ';' : ''}${preludeOf(sites)}`
    const shifts = options.tellsShifts ? shiftsOf(code, options.file, bodyStart, prelude, insertions) : ''
    const all = [{ offset: bodyStart, text: prelude + shifts }, ...insertions]
    return { code: insertAll(code, all), insertions: all }
  } catch {
    // No JavaScript (TypeScript, JSX, a syntax of tomorrow), or too deep to be gone through: places are captured at run time.
    return undefined
  }
}

/** Whether a file is worth parsing: it mentions the package, holds something like a log call, and was not transformed yet. */
export function mayHoldLogCalls(code: string): boolean {
  return code.includes(PACKAGE) && LIKELY_CALL.test(code) && !code.includes(MARK)
}

/** By offset; what ends at an offset comes before what begins there, and of several that begin there the outer one first. */
function sortInsertions(insertions: Insertion[]): void {
  const order = new Map(insertions.map((insertion, index) => [insertion, index]))
  const isEnd = (insertion: Insertion) => !insertion.text.includes(MARK)
  insertions.sort((a, b) => {
    if (a.offset !== b.offset) return a.offset - b.offset
    if (isEnd(a) !== isEnd(b)) return isEnd(a) ? -1 : 1
    // Calls are found from the outside in: of receivers that begin together the outer one is longer and was found first, of those
    // that end together the inner one ends first.
    const inOrder = (order.get(a) as number) - (order.get(b) as number)
    return isEnd(a) ? -inOrder : inOrder
  })
}

/**
 * The table and the function that looks into it. A declaration, and `var`, since functions of a module may be called before the module
 * itself has run, in a circle of imports. Known to the library by a registered symbol, so that no import has to be resolved and bundled.
 */
function preludeOf(sites: readonly string[]): string {
  return (
    `var $pixsim7Key,$pixsim7Sites;function ${MARK}(l,i){` +
    `const f=l?.[$pixsim7Key??=Symbol.for("${PACKAGE}:at")];` +
    `return f===void 0?l:f.call(l,($pixsim7Sites??=[${sites.join(',')}])[i])}`
  )
}

/** Columns behind an insertion are not those of the source map: line, column in the code before, and length of each. */
function shiftsOf(
  code: string,
  file: string,
  bodyStart: number,
  prelude: string,
  insertions: readonly Insertion[],
): string {
  const starts = lineStarts(code)
  const table: number[] = []
  for (const { offset, text } of insertions) {
    const line = lineIndex(starts, offset)
    table.push(line + 1, offset - (starts[line] as number), text.length)
  }
  const bodyLine = lineIndex(starts, bodyStart)
  const bodyColumn = bodyStart - (starts[bodyLine] as number)
  // Its own length is part of what it tells.
  let length = prelude.length
  for (;;) {
    const all = [bodyLine + 1, bodyColumn, length, ...table]
    const text = `(globalThis[Symbol.for("${PACKAGE}:shifts")]??=new Map).set(${JSON.stringify(file)},[${all.join(',')}]);`
    if (prelude.length + text.length === length) return text
    length = prelude.length + text.length
  }
}

function insertAll(code: string, insertions: readonly Insertion[]): string {
  let result = ''
  let position = 0
  for (const { offset, text } of insertions) {
    result += code.slice(position, offset) + text
    position = offset
  }
  return result + code.slice(position)
}
