import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseJsonLine } from '@pixsim7/record'
import { runProgram, tempDir } from '@pixsim7/testkit'
import { expect, it } from 'vitest'

const PROGRAM = path.join(import.meta.dirname, 'programs', 'flood-and-end.mjs')

it.each(['exit', 'throw', 'SIGTERM'])('at the end by %s the suppressed lines are told', async (end) => {
  const cwd = await tempDir()
  await runProgram(process.execPath, [PROGRAM, end], { cwd, env: { JSON_LOGS: 'true' } })
  const records = readFileSync(path.join(cwd, 'data/logs/backend.log'), 'utf8')
    .split('\n')
    .flatMap((line) => parseJsonLine(line) ?? [])
  expect(records.filter(({ message }) => message === 'Same line')).toHaveLength(10)
  const told = records.filter(({ fields }) => fields['event'] === 'flood_suppressed')
  expect(told).toMatchObject([{ module: 'flood-and-end', line: 5, fields: { count: 990 } }])
})
