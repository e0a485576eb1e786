import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { replaceLevelRules, type LevelRule } from '@pixsim7/files'
import { parseJsonLine } from '@pixsim7/record'
import { startNode, tempDir, waitFor } from '@pixsim7/testkit'
import { expect, it } from 'vitest'

const PROGRAM = path.join(import.meta.dirname, 'programs', 'follow-levels.mjs')

it('every process follows the levels file while it runs, and says so', async () => {
  const cwd = await tempDir()
  const levels = path.join(cwd, 'data/logs/levels.json')
  const components = ['backend', 'worker']
  const programs = components.map((component) =>
    startNode(PROGRAM, [component], { cwd, env: { JSON_LOGS: 'true' } }),
  )
  for (const program of programs) await program.waitForLine(/ready/)
  const records = (component: string) => {
    const file = path.join(cwd, 'data/logs', `${component}.log`)
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').flatMap((line) => parseJsonLine(line) ?? []) : [] // prettier-ignore
  }
  const has = (event: string) =>
    components.every((component) => records(component).some(({ fields }) => fields['change'] === event))
  const rule: LevelRule = {
    id: 'user 42',
    field: 'user_id',
    value: 42,
    level: 'DEBUG',
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    by: 'test',
  }
  replaceLevelRules(levels, [rule])
  await waitFor(() => has('set'))
  const debugCount = (component: string) =>
    records(component).filter(({ level, logger }) => level === 'DEBUG' && logger === 'steady').length
  await waitFor(() => components.every((component) => debugCount(component) > 3))
  replaceLevelRules(levels, [{ ...rule, expires_at: new Date(Date.now() - 1).toISOString() }])
  await waitFor(() => has('expired'))
  for (const program of programs) program.stdin.end()
  for (const program of programs) expect(await program.exit).toMatchObject({ code: 0, stderr: '' })
  for (const component of components) {
    const told = records(component)
    const first = told.findIndex(({ fields }) => fields['change'] === 'set')
    const last = told.findIndex(({ fields }) => fields['change'] === 'expired')
    const debugAt = told.flatMap(({ level }, index) => (level === 'DEBUG' ? [index] : []))
    expect(Math.min(...debugAt)).toBeGreaterThan(first)
    expect(Math.max(...debugAt)).toBeLessThan(last)
  }
})
