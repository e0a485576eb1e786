import { StoreError, messageOf } from '../store-error.ts'

/** What we use of the package `chdb`. Written down here because its own types need the module to be installed. */
export interface ChdbModule {
  readonly Session: new (path: string, options: { connectionArgs: readonly string[] }) => ChdbSession
}

/** One connection: its queries run one after the other, several connections run at the same time. */
export interface ChdbSession {
  queryAsync(sql: string, options: { format: string }): Promise<{ text(): string }>
  insert(parameters: {
    table: string
    values: Buffer
    format: 'JSONCompactEachRow'
    columns: readonly string[]
    settings: Readonly<Record<string, string | number>>
  }): Promise<unknown>
  close(): void
}

/**
 * Loads the embedded engine. It is an optional dependency of 566 MB, with builds for Linux (glibc) and macOS.
 *
 * @throws StoreError STORE_ENGINE_UNAVAILABLE
 */
export async function loadChdb(): Promise<ChdbModule> {
  const name = 'chdb'
  try {
    // Through a variable: the compiler must not insist that an optional dependency is installed.
    return (await import(name)) as ChdbModule
  } catch (error) {
    throw new StoreError(
      'STORE_ENGINE_UNAVAILABLE',
      `The embedded store engine (npm package chdb) cannot be loaded on ${process.platform} ${process.arch}: ${messageOf(error).split('\n')[0]}. ` +
        'It has builds for Linux with glibc and macOS, on x64 and arm64; there, install again without omitting optional dependencies.',
      error,
    )
  }
}
