import { describe, expect, it } from 'vitest'
import { OutputTail } from './output-tail.ts'

describe('the tail of a program’s output', () => {
  it('keeps the last twenty lines, whatever pieces they come in', () => {
    const tail = new OutputTail()
    const text = Array.from({ length: 30 }, (_, index) => `line ${index}\r\n`).join('')
    for (const character of text) tail.write(character)
    tail.write('unfinished')
    expect(tail.lines()).toEqual([
      ...Array.from({ length: 20 }, (_, index) => `line ${index + 10}`),
      'unfinished',
    ])
  })

  it('hands each line on, and does not keep what is claimed', () => {
    const seen: string[] = []
    const tail = new OutputTail((line) => seen.push(line) > 0 && line.startsWith('READY'))
    tail.write('one\nREADY secret\ntwo\n')
    expect(seen).toEqual(['one', 'READY secret', 'two'])
    expect(tail.lines()).toEqual(['one', 'two'])
  })

  it('makes control characters visible and leaves colours out', () => {
    const tail = new OutputTail()
    tail.write('\u001b[31mred\u001b[0m \u001b]0;title\u0007 a\tb \u009b2J\u007f\n')
    expect(tail.lines()).toEqual(['red ␛]0;title␇ a\tb ␡2J␡'])
  })

  it('holds little of a line without an end', () => {
    const tail = new OutputTail()
    for (let index = 0; index < 100; index++) tail.write('x'.repeat(100_000))
    expect(tail.lines().join('').length).toBeLessThan(10_000)
  })
})
