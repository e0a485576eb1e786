/** The list of quotations against the specification itself, where that is at hand: beside the repository. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  COMMANDS,
  ENVIRONMENT_BLOCK,
  LOGROTATE_BLOCK,
  MANUAL_ROTATION_BLOCK,
  START_BLOCKS,
  type Quotation,
} from './commands.ts'

const ROOT = path.join(import.meta.dirname, '../..')
/** Beside the repository, or beside the folder in which its worktrees are. */
const PLACES = ['../shared/specification.md', '../../shared/specification.md']

const BLOCKS = [ENVIRONMENT_BLOCK, ...START_BLOCKS, LOGROTATE_BLOCK, MANUAL_ROTATION_BLOCK]

/** The `bash` code blocks with their headings: a block that is quoted as a whole as it is, of others each command. */
function quotationsOf(markdown: string): Quotation[] {
  const found: Quotation[] = []
  let heading = ''
  for (const [, title, language, code = ''] of markdown.matchAll(/^#+ (.*)$|^```(\w*)\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title.replace(/^[^\p{L}\p{N}*]+/u, '')
    else if (language === 'bash') {
      const isWhole = BLOCKS.some(({ text }) => text === code)
      const texts = isWhole ? [code] : code.split('\n').filter((line) => !/^(#.*)?$/.test(line))
      found.push(...texts.map((text) => ({ heading, text })))
    }
  }
  return found
}

const sorted = (list: readonly Quotation[]): string[] =>
  list.map(({ heading, text }) => `${heading}: ${text}`).sort()

describe('the quotations', () => {
  it('are those of the specification, complete and word for word', (context) => {
    const place = PLACES.map((name) => path.resolve(ROOT, name)).find((file) => existsSync(file))
    if (place === undefined) return context.skip('the specification is not beside the repository')
    const found = quotationsOf(readFileSync(place, 'utf8'))
    expect(sorted(found)).toEqual(sorted([...COMMANDS, ...BLOCKS]))
  })

  it('would be missed if one were left out or changed', () => {
    const markdown = '## 🐛 Debugging\n\n```bash\n# Say\necho a\n\necho b\n```\n```json\n{}\n```\n'
    expect(quotationsOf(markdown)).toEqual([
      { heading: 'Debugging', text: 'echo a' },
      { heading: 'Debugging', text: 'echo b' },
    ])
  })
})
