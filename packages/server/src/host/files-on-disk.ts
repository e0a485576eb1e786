import type { FileHealth } from '@pixsim7/store'
import { stat } from 'node:fs/promises'

/** The files of a component, as they lie on the disk. */
export interface ComponentFiles {
  readonly component: string
  readonly files: number
  /** Archives as they are, compressed. */
  readonly bytes: number
}

/** Measures the files that a store knows, by component and its name. What is gone meanwhile is left out; never rejects. */
export async function measureFiles(files: readonly FileHealth[]): Promise<ComponentFiles[]> {
  // A path may stand for several incarnations.
  const componentOf = new Map(files.map(({ path, component }) => [path, component]))
  const sums = new Map<string, { component: string; files: number; bytes: number }>()
  await Promise.all(
    [...componentOf].map(async ([path, component]) => {
      const bytes = await stat(path).then(
        ({ size }) => size,
        () => undefined,
      )
      if (bytes === undefined) return
      const sum = sums.get(component) ?? { component, files: 0, bytes: 0 }
      sums.set(component, sum)
      sum.files += 1
      sum.bytes += bytes
    }),
  )
  return [...sums.values()].sort((a, b) => (a.component < b.component ? -1 : 1))
}
