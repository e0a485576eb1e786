/** docs/rotation.md as the test reads it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'

const PAGE = path.join(import.meta.dirname, '../../../docs/rotation.md')

/** Code blocks of the page, of the shell or without a language, in their order. */
export function readRotationPage(): string[] {
  return [...readFileSync(PAGE, 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, language]) => language === '' || language === 'sh')
    .map(([, , text = '']) => text)
}

/** The one block of the page with this in it. */
export function blockOfPage(part: string): string {
  const [block, ...others] = readRotationPage().filter((text) => text.includes(part))
  if (block === undefined || others.length > 0)
    throw new Error(`expected one block with ${part} in docs/rotation.md`)
  return block
}
