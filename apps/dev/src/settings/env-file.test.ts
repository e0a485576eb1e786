import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEnvFile } from './env-file.ts'

describe('a .env file', () => {
  it.each([
    ['A=1', { A: '1' }],
    ['\uFEFFA=1\r\nB=2\rC=3', { A: '1', B: '2', C: '3' }],
    ['LOG_LEVEL=INFO  # DEBUG, INFO, WARNING, ERROR, CRITICAL', { LOG_LEVEL: 'INFO' }],
    ['export  A = b c ', { A: 'b c' }],
    ['A=a#b', { A: 'a#b' }],
    ['A= # nothing', { A: '' }],
    ['A=', { A: '' }],
    ['A=1\nA=2', { A: '2' }],
    ['# A=1\n\n  # B=2\n', {}],
    ["A='$x # \\n'", { A: '$x # \\n' }],
    ['A="x\\n\\"y\\" \\\\ \\q" # note', { A: 'x\n"y" \\ \\q' }],
    ['A="one\ntwo"\nB=3', { A: 'one\ntwo', B: '3' }],
    ['A=http://u:p@h/?x=1&y=2', { A: 'http://u:p@h/?x=1&y=2' }],
  ])('%j gives %j', (text, expected) => {
    const { values, unusableLines } = parseEnvFile(text)
    expect(Object.fromEntries(values)).toEqual(expected)
    expect(unusableLines).toEqual([])
  })

  it.each([
    ['A=1\nnonsense\nB=2', [2], { A: '1', B: '2' }],
    ['1A=2', [1], {}],
    ['A="open\nB=2', [1], { B: '2' }],
    ['X="a\nb"\n\nA: yaml', [4], { X: 'a\nb' }],
  ])('%j has unusable lines %j', (text, lines, expected) => {
    const { values, unusableLines } = parseEnvFile(text)
    expect(unusableLines).toEqual(lines)
    expect(Object.fromEntries(values)).toEqual(expected)
  })

  it('gives back any value written in quotes, and never hangs or throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (value, noise) => {
        const written = value.replaceAll(/["\\]/g, '\\$&').replaceAll('\r', '\\r')
        expect(parseEnvFile(`A="${written}"`).values.get('A')).toBe(value)
        parseEnvFile(noise)
      }),
    )
  })
})
