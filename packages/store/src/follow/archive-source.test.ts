import { open, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { tempDir } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { ARCHIVE_LIMITS, ArchiveSource, type ArchiveLimits } from './archive-source.ts'

async function unpack(packed: Buffer, from = 0, limits: ArchiveLimits = ARCHIVE_LIMITS) {
  const file = path.join(await tempDir(), 'a.log.gz')
  await writeFile(file, packed)
  const source = new ArchiveSource(await open(file), packed.length, limits)
  const parts: Buffer[] = []
  try {
    for (let position = from; ;) {
      const read = await source.read(position)
      if (read.kind !== 'bytes') return { content: Buffer.concat(parts), read }
      parts.push(read.bytes)
      position += read.bytes.length
    }
  } finally {
    await source.close()
  }
}

const CONTENT = Buffer.from(Array.from({ length: 50_000 }, (_, index) => `line ${index * 7919}\n`).join(''))

describe('ArchiveSource', () => {
  it('gives the content', async () => {
    const { content, read } = await unpack(gzipSync(CONTENT))
    expect(content.equals(CONTENT)).toBe(true)
    expect(read).toEqual({ kind: 'end', problem: null })
  })

  it('gives the content behind a position', async () => {
    const { content } = await unpack(gzipSync(CONTENT), 300_001)
    expect(content.equals(CONTENT.subarray(300_001))).toBe(true)
  })

  it('reads all members', async () => {
    const { content } = await unpack(Buffer.concat([gzipSync('one\n'), gzipSync('two\n')]))
    expect(content.toString()).toBe('one\ntwo\n')
  })

  it('gives the good part of an archive without end, and says so', async () => {
    const packed = gzipSync(CONTENT)
    const { content, read } = await unpack(packed.subarray(0, packed.length / 2))
    expect(content.length).toBeGreaterThan(10_000)
    expect(content.equals(CONTENT.subarray(0, content.length))).toBe(true)
    expect(read).toMatchObject({ kind: 'end', problem: expect.stringMatching(/damaged after/) })
  })

  it('says what is wrong with a file that is no archive', async () => {
    const { content, read } = await unpack(Buffer.from('not gzip at all\n'))
    expect(content.length).toBe(0)
    expect(read).toMatchObject({ problem: expect.stringMatching(/damaged/) })
  })

  it('stops at the limit of bytes', async () => {
    const { content, read } = await unpack(gzipSync(Buffer.alloc(8 * 1024 ** 2)), 0, {
      maxBytes: 1024 ** 2,
      maxRatio: 1e9,
    })
    expect(content.length).toBeLessThanOrEqual(1024 ** 2)
    expect(read).toMatchObject({ problem: expect.stringMatching(/more than 1048576 bytes/) })
  })

  it('stops at the limit of ratio, once it is large enough to matter', async () => {
    const { content, read } = await unpack(gzipSync(Buffer.alloc(100 * 1024 ** 2)))
    expect(content.length).toBeLessThanOrEqual(65 * 1024 ** 2)
    expect(read).toMatchObject({ problem: expect.stringMatching(/more than 400 times/) })
  })
})
