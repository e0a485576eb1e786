import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runProgram, tempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')
const PAGES = ['docs/from-pino.md', 'docs/from-winston.md']

/** A program of a page, and what its log file then holds, where the page shows that before the next program. */
interface Piece {
  readonly name: string
  readonly code: string
  readonly lines: string | undefined
}

function piecesOf(page: string): Piece[] {
  const parts = readFileSync(path.join(ROOT, page), 'utf8').split('```ts\n').slice(1)
  return parts.map((part, index) => ({
    name: `${page}, program ${index + 1}`,
    code: part.slice(0, part.indexOf('```')),
    lines: /```text\n([^`]*)```/.exec(part)?.[1],
  }))
}

/** Lines of the one component's file, without those of the library itself, at the time the page shows. */
function linesIn(cwd: string): string {
  const folder = path.join(cwd, 'data/logs')
  if (!existsSync(folder)) return ''
  const file = readdirSync(folder).find((name) => name !== 'errors.log') ?? ''
  const lines = readFileSync(path.join(folder, file), 'utf8').split('\n')
  return lines
    .filter((line) => !line.includes(' - pixsim7.logging - '))
    .map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, '2025-11-11 22:30:45'))
    .join('\n')
}

describe.each(PAGES)('%s', (page) => {
  const pieces = piecesOf(page)

  it('has programs, and shows the lines of one', () => {
    expect(pieces.length).toBeGreaterThanOrEqual(2)
    expect(pieces.some(({ lines }) => lines !== undefined)).toBe(true)
  })

  it.each(pieces)('$name runs and logs what the page shows', async ({ code, lines }) => {
    const cwd = await tempDir()
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(cwd, 'node_modules'), 'junction')
    writeFileSync(path.join(cwd, 'package.json'), '{"type":"module"}')
    writeFileSync(path.join(cwd, 'program.ts'), code)
    const tsx = path.join(ROOT, 'node_modules/tsx/dist/cli.mjs')
    const { code: status, stderr } = await runProgram(process.execPath, [tsx, 'program.ts'], { cwd })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(linesIn(cwd)).toBe(lines ?? '')
  })
})
