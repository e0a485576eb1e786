import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSseParser } from './sse-parser.ts'

function parse(...pieces: string[]) {
  const retries: number[] = []
  const parser = createSseParser((retryMs) => retries.push(retryMs))
  return { events: pieces.flatMap((piece) => parser.feed(piece)), retries }
}

test('an event has its name, its data and the last id', () => {
  expect(parse('id: 7\nevent: entries\ndata: {"a":1}\n\ndata: x\n\n').events).toEqual([
    { event: 'entries', data: '{"a":1}', id: '7' },
    { event: 'message', data: 'x', id: '7' },
  ])
})

test('several data lines join with a newline, one leading space is dropped, a bare field name is empty', () => {
  expect(parse('data:  a\ndata:b\ndata\n\n').events).toEqual([{ event: 'message', data: ' a\nb\n', id: '' }])
})

test('comments, unknown fields and events without data give nothing; an id counts all the same', () => {
  expect(parse(': heartbeat\n\nid: 3\n\nnonsense: 1\n\nevent: x\n\ndata: y\n\n').events).toEqual([
    { event: 'message', data: 'y', id: '3' },
  ])
})

test('an id with a NUL is ignored', () => {
  expect(parse('id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n').events.map(({ id }) => id)).toEqual(['1', '1'])
})

test('retry is told in milliseconds when it is a number', () => {
  expect(parse('retry: 2000\nretry: soon\nretry: -1\n\n').retries).toEqual([2000])
})

test('what a broken connection leaves unfinished is never an event', () => {
  expect(parse('data: a\n\ndata: b\n').events.map(({ data }) => data)).toEqual(['a'])
})

test('however the stream is cut and whichever line endings it uses, the events are the same', () => {
  const lines = ['id: 1', 'event: e', 'data: ü😀', 'data: ', '', ': c', 'data: z', 'retry: 5', '', '']
  fc.assert(
    fc.property(
      fc.constantFrom('\n', '\r', '\r\n'),
      fc.array(fc.nat(60), { maxLength: 8 }),
      (ending, cuts) => {
        const text = lines.join(ending)
        const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length]
        const pieces = places.slice(1).map((end, index) => text.slice(places[index], end))
        // A stream that ends in a lone \r completes its last line all the same.
        expect(parse(...pieces).events).toEqual([
          { event: 'e', data: 'ü😀\n', id: '1' },
          { event: 'message', data: 'z', id: '1' },
        ])
      },
    ),
  )
})
