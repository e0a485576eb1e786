/**
 * `node --import @pixsim7/logging/register app.js`: writes module, function and line of the source into each log call when a file is loaded,
 * so that they cost nothing when the call is made. Covers ES modules and CommonJS, in worker threads too. After other hooks that
 * make JavaScript of something (`--import tsx --import @pixsim7/logging/register`), never before them.
 */
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'
import { hookFile } from './call-sites/hook-file.ts'
import { textOf } from './call-sites/load-thread.ts'
import { mayHoldLogCalls } from './call-sites/transform.ts'

type Source = string | ArrayBuffer | NodeJS.TypedArray

interface Loaded {
  readonly format?: string | null
  readonly source?: Source | null
}

/** What newer versions of Node have. */
interface NewerModule {
  registerHooks?(hooks: {
    load(url: string, context: object, nextLoad: (url: string, context: object) => Loaded): Loaded
  }): void
  stripTypeScriptTypes?(code: string): string
}

const newer = nodeModule as unknown as NewerModule

if (newer.registerHooks !== undefined) {
  newer.registerHooks({ load: (url, context, nextLoad) => loadWithSites(url, nextLoad(url, context)) })
} else {
  nodeModule.register('./call-sites/load-thread.js', import.meta.url)
  hookCommonJs()
}

const TYPESCRIPT = '-typescript'

/** Synchronous hooks see everything, also TypeScript that Node itself would strip of its types afterwards. */
function loadWithSites(url: string, loaded: Loaded): Loaded {
  let { format, source } = loaded
  if (typeof format !== 'string' || source === null || source === undefined) return loaded
  if (format.endsWith(TYPESCRIPT)) {
    const stripped = stripTypes(textOf(source))
    if (stripped === undefined) return loaded
    source = stripped
    format = format.slice(0, -TYPESCRIPT.length)
  }
  if (format !== 'module' && format !== 'commonjs') return loaded
  const code = textOf(source)
  // CommonJS is known by its path in a stack, modules by their URL.
  const file = format === 'module' || !url.startsWith('file:') ? url : fileURLToPath(url)
  return { ...loaded, format, source: hookFile(code, file, format === 'module') }
}

/** JavaScript with blanks where the types were; undefined when Node shall do it, and say what it has to say. */
function stripTypes(code: string): string | undefined {
  const strip = newer.stripTypeScriptTypes
  if (strip === undefined || !mayHoldLogCalls(code)) return undefined
  const { emitWarning } = process
  try {
    // That stripping types by this function is experimental is no news to who runs TypeScript without building it.
    process.emitWarning = () => undefined
    return strip(code)
  } catch {
    // More than types to strip (enum).
    return undefined
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Node 20 gives CommonJS no source in load hooks; each file of it passes here, whoever made JavaScript of it. */
function hookCommonJs(): void {
  const prototype = nodeModule.Module.prototype as unknown as {
    _compile(this: unknown, code: string, file: string, ...more: unknown[]): unknown
  }
  const compile = prototype._compile
  prototype._compile = function compileWithSites(code, file, ...more) {
    return compile.call(this, typeof code === 'string' ? hookFile(code, file, false) : code, file, ...more)
  }
}
