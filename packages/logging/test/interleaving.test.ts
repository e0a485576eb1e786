import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseJsonLine, type LogRecord } from '@pixsim7/record'
import { runProgram, tempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'

const PROGRAM = path.join(import.meta.dirname, 'programs/interleave.mjs')

interface Run {
  readonly records: readonly LogRecord[]
  /** How many lines the program says it has logged. */
  readonly lines: number
  /** The context outside of everything, at the end. */
  readonly left: unknown
}

async function interleave(tasks: number, kind = 'own'): Promise<Run> {
  const cwd = await tempDir()
  const { code, stdout, stderr } = await runProgram(process.execPath, [PROGRAM, String(tasks), kind], {
    cwd,
    env: { JSON_LOGS: 'true' },
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const records = ['backend', 'thread'].flatMap((component) =>
    readFileSync(path.join(cwd, `data/logs/${component}.log`), 'utf8')
      .trimEnd()
      .split('\n')
      .flatMap((line) => parseJsonLine(line) ?? [])
      .filter(({ logger }) => logger === 'interleave'),
  )
  return { records, ...(JSON.parse(stdout) as { lines: number; left: unknown }) }
}

/** The lines that carry an id of somebody else, or one of a block that has ended, or lack their own. */
function wrongLines(records: readonly LogRecord[]): string[] {
  return records
    .filter(({ fields }) => {
      const { owner, inner, user_id, job_id, inner_id } = fields
      if (owner === 'nobody') return [user_id, job_id, inner_id].some((id) => id !== undefined)
      if (user_id !== owner || (inner_id ?? '') !== (inner === 'inner_id' ? owner : '')) return true
      return job_id !== undefined && Math.abs(Number(job_id)) !== owner
    })
    .map(({ fields }) => JSON.stringify(fields))
}

describe('LogContext', () => {
  it('keeps thousands of tasks apart across everything Node can wait for', async () => {
    const { records, lines, left } = await interleave(4000)
    expect(wrongLines(records)).toEqual([])
    expect(records).toHaveLength(lines)
    expect(left).toEqual({})
    const steps = new Map<unknown, number>()
    for (const { fields } of records) steps.set(fields['step'], (steps.get(fields['step']) ?? 0) + 1)
    // Each way of waiting was taken by many tasks, and tasks did overlap: neighbours in the file are mostly of others.
    expect(steps.size).toBeGreaterThan(25)
    for (const [step, count] of steps) {
      if (!['all started', 'all done', 'outside'].includes(String(step))) expect(count).toBeGreaterThan(100)
    }
    const owners = records.map(({ fields }) => fields['owner'])
    const changes = owners.filter((owner, index) => owner !== owners[index - 1]).length
    expect(changes).toBeGreaterThan(records.length / 2)
  })

  it('is needed for that: one variable for the whole process, as the twin has it, mixes the tasks up', async () => {
    const { records } = await interleave(100, 'shared')
    expect(wrongLines(records).length).toBeGreaterThan(100)
  })
})
