/** docs/best-practices.md: its examples compile, run, and print what the page says. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { tempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { readExamples, readPrelude, withOutputs } from '../../scripts/page-examples/examples.ts'
import { runExamples } from '../../scripts/page-examples/run-examples.ts'

const page = readFileSync(path.join(import.meta.dirname, '../../docs/best-practices.md'), 'utf8')
const examples = readExamples(page)

describe('the page of best practices', () => {
  it('has a good and a bad example in each section', () => {
    const kinds = new Map<string, string[]>()
    for (const { section, kind } of examples) kinds.set(section, [...(kinds.get(section) ?? []), kind])
    const sections = [...page.matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? '')
    expect(sections.length).toBeGreaterThanOrEqual(12)
    expect([...kinds]).toEqual(sections.map((section) => [section, ['good', 'bad']]))
  })

  it('has only examples that compile, and that print what stands below them (else: npm run docs:examples)', async () => {
    const sources = examples.map(({ source }) => `${readPrelude(page)}\n${source}`)
    const outputs = await runExamples(sources, await tempDir())
    expect(withOutputs(page, outputs)).toBe(page)
    expect(outputs.filter((output) => output !== '').length).toBe(examples.length - 1)
  })

  it('would not pass with an example the compiler refuses, nor with one that prints something else', async () => {
    const broken = `${readPrelude(page)}\nlogger.info('Job completed', 5 satisfies string)\n`
    await expect(runExamples([broken], await tempDir())).rejects.toThrow(/job_processor\.ts.*TS1360/)
    expect(withOutputs(page, [])).not.toBe(page)
  })
})
