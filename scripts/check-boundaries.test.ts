import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { findViolations } from './check-boundaries.ts'

const folders: string[] = []

/** A tree with two workspaces, `high` (may import `low`) and `low` (may import nothing), and one source in each. */
function plant(sources: { low?: string; high?: string }): string {
  const root = mkdtempSync(path.join(tmpdir(), 'boundaries-'))
  folders.push(root)
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    writeFileSync(path.join(root, file), text)
  }
  write(
    'docs/architecture.md',
    '## Who may import whom\n\n| workspace | what | may import |\n|---|---|---|\n| `packages/record` | low | nothing |\n| `packages/high` | high | `packages/record` |\n',
  )
  write('packages/record/package.json', '{"name":"@x/record"}')
  write('packages/high/package.json', '{"name":"@x/high"}')
  write('packages/record/src/index.ts', sources.low ?? '')
  write('packages/high/src/index.ts', sources.high ?? '')
  return root
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

describe('the boundary check', () => {
  it('accepts an import the table allows', () => {
    expect(findViolations(plant({ high: "import { a } from '@x/record'" }))).toEqual([])
  })

  it.each([
    ['an import upwards', { low: "import type { a } from '@x/high'" }, 'may not import'],
    ['a dynamic import upwards', { low: "await import('@x/high')" }, 'may not import'],
    ['a re-export upwards', { low: "export * from '@x/high'" }, 'may not import'],
    ['a path into another workspace', { high: "import '../../record/src/index.ts'" }, 'by path'],
    ['an import past the exports', { high: "import '@x/record/dist/index.js'" }, 'past its exports'],
    ['a node: module in the record workspace', { low: "import 'node:fs'" }, 'runs in a browser'],
  ])('reports %s', (_name, sources, reason) => {
    const violations = findViolations(plant(sources))
    expect(violations).toHaveLength(1)
    expect(violations[0]?.reason).toContain(reason)
  })

  it('finds none in this repository', () => {
    expect(findViolations(path.dirname(import.meta.dirname))).toEqual([])
  })
})
