import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineSplitter, type SplitLine } from './line-splitter.ts'

function split(chunks: readonly Buffer[], maxLineBytes = 1000, offset = 0) {
  const lines: SplitLine[] = []
  const splitter = new LineSplitter(offset, maxLineBytes)
  for (const chunk of chunks) splitter.push(chunk, (line) => lines.push(line))
  return { lines, splitter }
}

function cutInto(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let start = 0, index = 0; start < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1
    chunks.push(bytes.subarray(start, start + size))
    start += size
  }
  return chunks
}

describe('LineSplitter', () => {
  it('gives complete lines with the offsets they have in the file', () => {
    const { lines, splitter } = split([Buffer.from('one\ntwo\nthr')], 1000, 100)
    expect(lines.map(({ offset, length, bytes }) => [offset, length, bytes.toString()])).toEqual([
      [100, 4, 'one'],
      [104, 4, 'two'],
    ])
    expect(splitter.lineStart).toBe(108)
    expect(splitter.hasPartial).toBe(true)
  })

  it('gives the unfinished line when asked, without a newline in its length', () => {
    const { lines, splitter } = split([Buffer.from('one\nt'), Buffer.from('wo')])
    splitter.flush((line) => lines.push(line))
    expect(lines.at(-1)).toMatchObject({ offset: 4, length: 3, isCut: false })
    expect(lines.at(-1)?.bytes.toString()).toBe('two')
    expect(splitter.hasPartial).toBe(false)
    expect(splitter.lineStart).toBe(7)
  })

  it('keeps the beginning of a line above the limit, and the next line whole', () => {
    const { lines } = split(cutInto(Buffer.from('x'.repeat(5000) + '\nnext\n'), [700]), 1000)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatchObject({ offset: 0, length: 5001, isCut: true })
    expect(lines[0]?.bytes.length).toBe(1000)
    expect(lines[1]?.bytes.toString()).toBe('next')
    expect(lines[1]?.offset).toBe(5001)
  })

  it('does not call a line cut that has exactly the limit', () => {
    const { lines } = split([Buffer.from('x'.repeat(1000) + '\n')], 1000)
    expect(lines[0]?.isCut).toBe(false)
  })

  it('counts NULs at the beginning of a line without keeping them', () => {
    const { lines } = split([Buffer.concat([Buffer.alloc(5000), Buffer.from('after\n')])], 100)
    expect(lines.map(({ kind, offset, length }) => ({ kind, offset, length }))).toEqual([
      { kind: 'nuls', offset: 0, length: 5000 },
      { kind: 'line', offset: 5000, length: 6 },
    ])
  })

  it('leaves NULs inside a line where they are', () => {
    const { lines } = split([Buffer.from('a\0\0b\n')])
    expect(lines.map(({ bytes }) => bytes.toString())).toEqual(['a\0\0b'])
  })

  it('gives the same lines whatever the chunks are', () => {
    const content = fc
      .array(fc.constantFrom('\n', '\0', 'a', 'bc', '\r\n', 'ü', 'long'.repeat(10)), { maxLength: 60 })
      .map((parts) => Buffer.from(parts.join('')))
    fc.assert(
      fc.property(
        content,
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
        (bytes, sizes) => {
          const whole = split([bytes], 16)
          const pieces = split(cutInto(bytes, sizes), 16)
          expect(pieces.lines.map(plain)).toEqual(whole.lines.map(plain))
          expect(pieces.splitter.lineStart).toBe(whole.splitter.lineStart)
        },
      ),
    )
  })

  it('covers every byte exactly once', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (array) => {
        const { lines, splitter } = split([Buffer.from(array)], 8)
        splitter.flush((line) => lines.push(line))
        let offset = 0
        for (const line of lines) {
          expect(line.offset).toBe(offset)
          offset += line.length
        }
        expect(offset).toBe(array.length)
      }),
    )
  })
})

function plain(line: SplitLine) {
  return { ...line, bytes: line.bytes.toString('latin1') }
}
