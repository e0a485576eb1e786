import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeverityCounts } from '../core/severity-counts.ts'
import { LineMemory } from './line-memory.ts'
import { PendingLines } from './pending-lines.ts'

const droppedOf = (pending: PendingLines) => Object.fromEntries(pending.takeDropped()?.countBySeverity ?? [])

describe('PendingLines', () => {
  it('gives lines back in order, in pieces of about the size asked for, at least one line each', () => {
    const pending = new PendingLines(new LineMemory(1000))
    for (const line of ['aaaa\n', 'bbbb\n', 'cc\n']) pending.push(line, 20)
    expect(pending.peek(6)).toEqual({ text: 'aaaa\nbbbb\n', slots: 2 })
    expect(pending.peek(1)).toEqual({ text: 'aaaa\n', slots: 1 })
    pending.remove(2, new SeverityCounts())
    expect(pending.peek(100)).toEqual({ text: 'cc\n', slots: 1 })
    expect([pending.count, pending.characters]).toEqual([1, 3])
  })

  it('drops the lowest level first, oldest first, and keeps the order of what stays', () => {
    const pending = new PendingLines(new LineMemory(40))
    const lines = [
      ['info-1...\n', 20],
      ['error-1..\n', 40],
      ['debug-1..\n', 10],
      ['info-2...\n', 20],
    ] as const
    for (const [line, severity] of lines) pending.push(line, severity)
    pending.push('warn-1.\n', 30)
    expect(droppedOf(pending)).toEqual({ 10: 1 })
    pending.push('crit-1.\n', 50)
    expect(droppedOf(pending)).toEqual({ 20: 1 })
    expect(pending.peek(1000).text).toBe('error-1..\ninfo-2...\nwarn-1.\ncrit-1.\n')
  })

  it('drops the new line when nothing lower is there', () => {
    const pending = new PendingLines(new LineMemory(20))
    pending.push('error-1..\n', 40)
    pending.push('error-2..\n', 40)
    expect(pending.push('error-3..\n', 40)).toBe(-1)
    expect(pending.push('info.....\n', 20)).toBe(-1)
    expect(droppedOf(pending)).toEqual({ 20: 1, 40: 1 })
    expect(pending.peek(100).text).toBe('error-1..\nerror-2..\n')
  })

  it('does not drop what is being written', () => {
    const pending = new PendingLines(new LineMemory(20))
    pending.push('debug-1..\n', 10)
    pending.push('debug-2..\n', 10)
    pending.lock(1)
    pending.push('error-1..\n', 40)
    expect(pending.peek(100).text).toBe('debug-1..\nerror-1..\n')
    expect(pending.push('error-2..\n', 40)).toBe(-1)
  })

  it('drops lower levels of the other file, too, before an ERROR', () => {
    const memory = new LineMemory(20)
    const component = new PendingLines(memory)
    const errors = new PendingLines(memory)
    component.push('info-1...\n', 20)
    component.push('info-2...\n', 20)
    expect(errors.push('error-1.\n', 40)).not.toBe(-1)
    expect(component.peek(100).text).toBe('info-2...\n')
    expect(droppedOf(component)).toEqual({ 20: 1 })
  })

  it('takes a line back by its number, whatever was removed before it', () => {
    const pending = new PendingLines(new LineMemory(1000))
    pending.push('a\n', 20)
    pending.remove(1, new SeverityCounts())
    pending.push('b\n', 20)
    const sequence = pending.push('c\n', 40)
    pending.push('d\n', 20)
    pending.withdraw(sequence)
    pending.withdraw(sequence)
    pending.withdraw(-1)
    expect(pending.peek(100)).toMatchObject({ text: 'b\nd\n' })
    expect(pending.count).toBe(2)
  })

  it('knows how many whole lines are in the first bytes of what was written', () => {
    const pending = new PendingLines(new LineMemory(1000))
    for (const line of ['ä😀\n', 'bb\n']) pending.push(line, 20)
    expect([0, 6, 7, 9, 10, 99].map((bytes) => pending.slotsWithin(bytes))).toEqual([0, 0, 1, 1, 2, 2])
  })

  it('shares a budget, never exceeds it, and loses count of nothing', () => {
    const action = fc.oneof(
      fc.record({
        push: fc.integer({ min: 1, max: 30 }),
        severity: fc.constantFrom(10, 20, 30, 40, 50),
        to: fc.nat(1),
      }),
      fc.record({ write: fc.integer({ min: 1, max: 60 }), to: fc.nat(1) }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const memory = new LineMemory(200)
        const both = [new PendingLines(memory), new PendingLines(memory)] as const
        const written = [[], []] as [string[], string[]]
        const counts = new SeverityCounts()
        const pushedOf = new SeverityCounts()
        let pushed = 0
        let dropped = 0
        for (const step of actions) {
          const index = step.to as 0 | 1
          const pending = both[index]
          if ('push' in step) {
            pushedOf.add(step.severity, 1)
            pending.push(`${pushed++}${'.'.repeat(step.push)}\n`, step.severity)
          } else {
            const { text, slots } = pending.peek(step.write)
            pending.remove(slots, counts)
            written[index].push(...text.split('\n').filter((line) => line !== ''))
          }
          expect(memory.usedCharacters).toBeLessThanOrEqual(200)
          expect(memory.usedCharacters).toBe(both[0].characters + both[1].characters)
        }
        for (const [index, pending] of both.entries()) {
          const { text, slots } = pending.peek(Infinity)
          pending.remove(slots, counts)
          written[index as 0 | 1].push(...text.split('\n').filter((line) => line !== ''))
          const lost = pending.takeDropped()
          dropped += lost?.total ?? 0
          for (const [severity, count] of lost?.countBySeverity ?? []) counts.add(severity, count)
          const numbers = written[index as 0 | 1].map((line) => Number.parseInt(line, 10))
          expect([...numbers].sort((a, b) => a - b)).toEqual(numbers)
        }
        expect(written[0].length + written[1].length + dropped).toBe(pushed)
        for (const severity of [10, 20, 30, 40, 50]) expect(counts.of(severity)).toBe(pushedOf.of(severity))
        expect(memory.usedCharacters).toBe(0)
      }),
    )
  })
})
