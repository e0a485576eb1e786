import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { AppendFile } from '@pixsim7/files'
import { tempDir, waitFor } from '@pixsim7/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LineMemory } from './line-memory.ts'
import { FileSink, type FileSinkOptions } from './file-sink.ts'
import type { SinkEvents } from './sink-events.ts'

async function open(options: Partial<FileSinkOptions> = {}, limitCharacters = 1_000_000) {
  const folder = path.join(await tempDir(), 'logs')
  const file = path.join(folder, 'x.log')
  const events: string[] = []
  const recorder: SinkEvents = {
    slow: (_sink, _ms, isAsync) => events.push(isAsync ? 'async' : 'sync'),
    failed: (_sink, error) => events.push(`failed ${error.message}`),
    recovered: () => events.push('recovered'),
    dropped: (_sink, dropped, reason) => events.push(`dropped ${dropped.total} ${reason}`),
    reopened: (_sink, reason) => events.push(`reopened ${reason}`),
  }
  const sink = new FileSink(
    new AppendFile(file),
    new LineMemory(limitCharacters),
    { flushIntervalMs: 50, mayWriteAsync: false, ...options },
    recorder,
  )
  onTestFinished(() => void sink.close())
  return { sink, file, folder, events, text: () => (existsSync(file) ? readFileSync(file, 'utf8') : '') }
}

describe('batches', () => {
  it('wait for the interval, or for a line that does not', async () => {
    const { sink, text } = await open()
    expect(sink.add('one\n', 20, false).outcome).toBe('pending')
    expect(text()).toBe('')
    await waitFor(() => text() === 'one\n')
    sink.add('two\n', 20, false)
    expect(sink.add('three\n', 40, true).outcome).toBe('written')
    expect(text()).toBe('one\ntwo\nthree\n')
    expect([20, 40].map((severity) => sink.written.of(severity))).toEqual([2, 1])
  })

  it('are written early when they are full, and line by line with an interval of 0', async () => {
    const full = await open()
    full.sink.add(`${'x'.repeat(70_000)}\n`, 20, false)
    expect(full.text()).toHaveLength(70_001)
    const single = await open({ flushIntervalMs: 0 })
    expect(single.sink.add('one\n', 20, false).outcome).toBe('written')
    expect(single.text()).toBe('one\n')
  })
})

describe('a file that goes away', () => {
  it('is followed when renamed: later lines are in a new file, none is lost', async () => {
    const { sink, file, text, events } = await open()
    sink.add('before\n', 40, true)
    renameSync(file, `${file}.1`)
    await waitFor(() => {
      sink.add('after\n', 40, true)
      return existsSync(file)
    })
    expect(readFileSync(`${file}.1`, 'utf8') + text()).toMatch(/^before\n(after\n)+$/)
    expect(events).toEqual(['reopened moved'])
  })

  it('has been noticed a millisecond later, before a shell has come from mv to gzip', async () => {
    const { sink, file, text } = await open()
    sink.add('before\n', 40, true)
    const writtenMs = performance.now()
    renameSync(file, `${file}.1`)
    while (performance.now() - writtenMs < 1.1) continue
    sink.add('after\n', 40, true)
    expect([readFileSync(`${file}.1`, 'utf8'), text()]).toEqual(['before\n', 'after\n'])
  })

  it('is made anew when it or its folder was removed', async () => {
    const { sink, folder, file, text } = await open()
    sink.add('before\n', 40, true)
    rmSync(folder, { recursive: true })
    await waitFor(() => {
      sink.add('after\n', 40, true)
      return existsSync(file)
    })
    expect(text()).toMatch(/^(after\n)+$/)
  })

  it('is opened anew on request, after what was pending has gone to the old one', async () => {
    const { sink, file, text, events } = await open()
    sink.add('old\n', 20, false)
    renameSync(file, `${file}.1`)
    writeFileSync(file, '')
    sink.reopen()
    sink.add('new\n', 40, true)
    expect(readFileSync(`${file}.1`, 'utf8') + text()).toBe('old\nnew\n')
    expect(events.at(-1)).toBe('reopened signal')
  })
})

describe('a file that cannot be written', () => {
  /** Puts a folder in the file's place: then neither the file nor a new one can be had. */
  function block(file: string): () => void {
    renameSync(file, `${file}.away`)
    mkdirSync(file)
    return () => rmSync(file, { recursive: true })
  }

  it('gets its lines in order as soon as it can be written again', async () => {
    const { sink, file, text, events } = await open()
    const unblock = block(file)
    await waitFor(() => {
      sink.add('lost to nobody\n', 40, true)
      return sink.isFailing
    })
    for (let n = 0; n < 100; n++) expect(sink.add(`line ${n}\n`, 20, false).outcome).toBe('failed')
    unblock()
    await waitFor(() => !sink.isFailing)
    await sink.settle()
    const lines = (readFileSync(`${file}.away`, 'utf8') + text()).split('\n')
    expect(lines.filter((line) => line.startsWith('line'))).toEqual(
      Array.from({ length: 100 }, (_, n) => `line ${n}`),
    )
    expect(events.filter((event) => !event.startsWith('reopened'))).toEqual([
      expect.stringContaining('failed '),
      'recovered',
    ])
  })

  it('keeps within its memory, dropping the lowest levels, and says how many', async () => {
    const { sink, file, text, events } = await open({}, 10_000)
    const unblock = block(file)
    await waitFor(() => {
      sink.add('start\n', 40, true)
      return sink.isFailing
    })
    for (let n = 0; n < 1000; n++)
      sink.add(`info ${String(n).padStart(4, '0')}${'.'.repeat(40)}\n`, 20, false)
    for (let n = 0; n < 50; n++) sink.add(`error ${String(n).padStart(4, '0')}${'.'.repeat(40)}\n`, 40, true)
    unblock()
    await waitFor(() => !sink.isFailing)
    await sink.settle()
    const lines = text().split('\n')
    expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(50)
    const kept = lines.filter((line) => line.startsWith('info')).length
    const told = events.flatMap((event) => /^dropped (\d+) write_failed$/.exec(event)?.[1] ?? []).map(Number)
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(1000 - kept)
    expect([20, 40].map((severity) => sink.dropped.of(severity))).toEqual([1000 - kept, 0])
    expect(sink.failed.of(40)).toBeGreaterThan(0)
    expect(sink.failed.total).toBe(sink.failed.of(40))
  })

  it('lets settle reject, and a line be taken back', async () => {
    const { sink, file, text } = await open()
    const unblock = block(file)
    await waitFor(() => {
      sink.add('start\n', 40, true)
      return sink.isFailing
    })
    await expect(sink.settle()).rejects.toThrow('a folder')
    const { sequence } = sink.add('written elsewhere\n', 40, true)
    sink.withdraw(sequence)
    unblock()
    await waitFor(() => !sink.isFailing)
    expect(text()).not.toContain('elsewhere')
  })

  it('is given one more try at the end', async () => {
    const { sink, file, text } = await open()
    const unblock = block(file)
    await waitFor(() => {
      sink.add('start\n', 40, true)
      return sink.isFailing
    })
    sink.add('last\n', 20, false)
    unblock()
    sink.drainSync(performance.now() + 5000)
    expect(text()).toContain('last\n')
  })
})

describe('closing', () => {
  it('twice is safe; what could not be written is counted', async () => {
    const { sink } = await open()
    sink.add('one\n', 20, false)
    expect(sink.close()).toBe(1)
    expect(sink.close()).toBe(0)
    expect([sink.dropped.of(20), sink.dropped.total]).toEqual([1, 1])
  })
})
