import { describe, expect, it } from 'vitest'
import {
  boolean,
  durationMs,
  filePath,
  integer,
  oneOf,
  port,
  sizeBytes,
  text,
  url,
  type Parser,
} from './parsers.ts'

const parse = <T>(parser: Parser<T>, value: string) => parser.parse(value, '/base')

describe('parsers', () => {
  it.each<[string, Parser<unknown>, [string, unknown][], string[]]>([
    [
      'oneOf',
      oneOf(['plain', 'json']),
      [
        ['plain', 'plain'],
        ['JSON', 'json'],
      ],
      ['', 'xml', 'plain json'],
    ],
    [
      'boolean',
      boolean(),
      [
        ['true', true],
        ['FALSE', false],
        ['1', true],
        ['off', false],
      ],
      ['maybe', '', '2', 'truthy'],
    ],
    ['text', text({ minLength: 3 }), [['abc', 'abc']], ['ab', '']],
    [
      'integer',
      integer({ min: 1, max: 10 }),
      [
        ['1', 1],
        ['+10', 10],
      ],
      ['0', '11', '1.5', '1e1', 'x', '', '99999999999999999999'],
    ],
    [
      'port',
      port(),
      [
        ['0', 0],
        ['65535', 65535],
      ],
      ['65536', '-1', '80a'],
    ],
    ['url', url(['http:', 'https:']), [['https://x/y', 'https://x/y']], ['ftp://x', 'x', '//x', '']],
    [
      'filePath',
      filePath(),
      [
        ['data/x.log', '/base/data/x.log'],
        ['/abs', '/abs'],
      ],
      ['a\0b'],
    ],
    [
      'durationMs',
      durationMs({ max: 7 * 86_400_000 }),
      [
        ['50ms', 50],
        ['1.5s', 1500],
        ['2m', 120_000],
        ['7d', 604_800_000],
        ['0', 0],
        ['12 h', 43_200_000],
      ],
      ['50', '7x', '-1s', '8d', 'ms', ''],
    ],
    [
      'sizeBytes',
      sizeBytes({ min: 1024 }),
      [
        ['64MB', 67_108_864],
        ['1kb', 1024],
        ['1.5GiB', 1_610_612_736],
      ],
      ['64', '1B', '64 M B', '0', 'x'],
    ],
  ])('%s takes what it describes and nothing else', (_name, parser, good, bad) => {
    for (const [value, expected] of good) expect([value, parse(parser, value)]).toEqual([value, expected])
    for (const value of bad) expect([value, parse(parser, value)]).toEqual([value, undefined])
    expect(parser.expected).not.toBe('')
  })
})
