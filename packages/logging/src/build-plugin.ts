import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { mapOfInsertions, shiftMap } from './call-sites/shift-map.ts'
import type { SourceMapPayload } from './call-sites/source-lookup.ts'
import { transformCallSites } from './call-sites/transform.ts'

/** What Rollup and Vite call for each file, with what they know about it. */
interface TransformContext {
  getCombinedSourcemap?(): SourceMapPayload
}

/** The part of a plugin that Rollup, Rolldown and Vite take. */
export interface RollupCallSitePlugin {
  readonly name: string
  /** Vite: after TypeScript and JSX have become JavaScript. */
  readonly enforce: 'post'
  transform(
    this: TransformContext | void,
    code: string,
    id: string,
  ): { readonly code: string; readonly map: SourceMapPayload } | null
}

/** The part of esbuild that its plugin uses. */
export interface EsbuildBuild {
  readonly initialOptions: {
    readonly jsx?: string | undefined
    readonly jsxFactory?: string | undefined
    readonly jsxFragment?: string | undefined
    readonly jsxImportSource?: string | undefined
    readonly tsconfigRaw?: unknown
  }
  readonly esbuild: {
    /** Its options are typed by esbuild in a way that only its own callers can write. */
    transform(code: string, options: never): Promise<{ readonly code: string; readonly map: string }>
  }
  onLoad(
    options: { readonly filter: RegExp },
    callback: (args: {
      readonly path: string
      readonly namespace: string
    }) => Promise<
      { readonly contents: string; readonly loader: 'js'; readonly resolveDir: string } | undefined
    >,
  ): void
}

/** The part of a plugin that esbuild takes. */
export interface EsbuildCallSitePlugin {
  readonly name: string
  setup(build: EsbuildBuild): void
}

const NAME = 'pixsim7-call-sites'
const SCRIPT = /\.[cm]?[jt]sx?$/
const MENTION = '@pixsim7/logging'

/** A plugin for Rollup, Rolldown and Vite that writes the place of each log call into the code, as `@pixsim7/logging/register` does. */
export function callSites(): RollupCallSitePlugin {
  return {
    name: NAME,
    enforce: 'post',
    transform(code, id) {
      const file = id.replace(/[?#].*$/, '')
      if (!SCRIPT.test(file) || !code.includes(MENTION)) return null
      const isModule = !file.endsWith('.cjs') && !file.endsWith('.cts')
      const map = this?.getCombinedSourcemap?.()
      const transformed = transformCallSites(code, { file, isModule, map, tellsShifts: false })
      if (transformed === undefined) return null
      return { code: transformed.code, map: mapOfInsertions(code, file, transformed.insertions) }
    },
  }
}

/**
 * The same for esbuild. Put it before plugins that load the same files: esbuild lets one plugin load a file. Options of TypeScript are
 * those given to esbuild (`tsconfigRaw`, `jsx…`), since a `tsconfig.json` is not looked for.
 */
export function esbuildCallSites(): EsbuildCallSitePlugin {
  return {
    name: NAME,
    setup(build) {
      const { jsx, jsxFactory, jsxFragment, jsxImportSource, tsconfigRaw } = build.initialOptions
      const given = Object.fromEntries(
        Object.entries({ jsx, jsxFactory, jsxFragment, jsxImportSource, tsconfigRaw }).filter(
          ([, value]) => value !== undefined,
        ),
      )
      build.onLoad({ filter: SCRIPT }, async ({ path: file, namespace }) => {
        if (namespace !== 'file') return undefined
        const source = await readFile(file, 'utf8')
        if (!source.includes(MENTION)) return undefined
        const extension = /\.[cm]?([jt]sx?)$/.exec(file)?.[1] ?? 'js'
        // Parsed as JavaScript: types and JSX go first, with the map that leads back to them.
        const script =
          extension === 'js'
            ? { code: source, map: '' }
            : await build.esbuild.transform(source, {
                ...given,
                loader: extension,
                sourcefile: file,
                sourcemap: 'external',
              } as never)
        const map = script.map === '' ? undefined : (JSON.parse(script.map) as SourceMapPayload)
        const isModule = !/\.c[jt]s$/.test(file)
        const transformed = transformCallSites(script.code, { file, isModule, map, tellsShifts: false })
        if (transformed === undefined) return undefined
        const { code, insertions } = transformed
        // esbuild follows one map only, so it has to lead to the source itself.
        const whole =
          map === undefined
            ? mapOfInsertions(script.code, file, insertions)
            : shiftMap(map, script.code, insertions)
        return { contents: code + inlineComment(whole), loader: 'js', resolveDir: path.dirname(file) }
      })
    },
  }
}

function inlineComment(map: SourceMapPayload): string {
  return `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`
}
