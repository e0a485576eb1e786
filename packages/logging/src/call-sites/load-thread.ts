import { hookFile } from './hook-file.ts'

/** What a load hook is told and answers, as far as it matters here. */
interface Loaded {
  readonly format?: string | null | undefined
  readonly source?: string | ArrayBuffer | NodeJS.TypedArray | null | undefined
}

/** The load hook for Node 20, which runs in a thread of its own and sees the source of ES modules only. */
export async function load<C>(
  url: string,
  context: C,
  nextLoad: (url: string, context: C) => Promise<Loaded>,
): Promise<Loaded> {
  const loaded = await nextLoad(url, context)
  if (loaded.format !== 'module' || loaded.source === null || loaded.source === undefined) return loaded
  return { ...loaded, source: hookFile(textOf(loaded.source), url, true) }
}

/** The source as text, whatever it came as. */
export function textOf(source: NonNullable<Loaded['source']>): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source as ArrayBuffer)
}
