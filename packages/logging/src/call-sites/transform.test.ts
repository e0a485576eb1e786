import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { transformCallSites } from './transform.ts'

const IMPORT = `import { getLogger } from '@pixsim7/logging'\n`
const AT = Symbol.for('@pixsim7/logging:at')

function transform(body: string, isModule = true, head = IMPORT): string | undefined {
  return transformCallSites(head + body, { file: '/srv/app/jobs.js', isModule, tellsShifts: false })?.code
}

/** The places in the table at the top, as `function line`. */
function places(code: string | undefined): string[] {
  const table = /\$pixsim7Sites\?\?=(\[.*?\])\)\[i\]/.exec(code ?? '')?.[1] ?? '[]'
  const sites = JSON.parse(table) as { module: string; function: string | null; line: number }[]
  for (const { module } of sites) expect(module).toBe('jobs')
  return sites.map((site) => `${site.function} ${site.line}`)
}

/** Runs code with the loggers of the text, which note who was called, where and with what. */
function run(code: string): unknown[] {
  const calls: unknown[] = []
  const logger = (name: string, site?: { line: number }): object => ({
    name,
    info: (...args: unknown[]) => calls.push([name, site?.line ?? 'unknown', ...args]),
    with: () => logger(`${name}+`),
    [AT]: (written: { line: number }) => logger(name, written),
  })
  const other = {
    name: 'other',
    info(...args: unknown[]) {
      calls.push([this.name, ...args])
      return this
    },
  }
  new Function('a', 'b', 'other', 'nothing', code)(logger('a'), logger('b'), other, undefined)
  return calls
}

describe('transformCallSites', () => {
  it.each([
    ['a.info(1)', ['null 2']],
    ['function f() {\n  a.info(1)\n}', ['f 3']],
    ['const f = async () => { a.warn(1) }', ['f 2']],
    ['let f; f = function () { a.error(1) }', ['f 2']],
    ['exports.f = function () { a.error(1) }', ['exports.f 2']],
    ['A.prototype.f = function () { a.error(1) }', ['A.f 2']],
    ['export default () => a.fatal(1)', ['default 2']],
    ['function f(log = () => a.info(1)) {}', ['log 2']],
    [
      'class A { static { a.info(1) } b = a.info(2); static c = () => a.info(3) }',
      ['null 2', 'null 2', 'A.c 2'],
    ],
    ['const B = class { f() { a.info(1) } }', ['B.f 2']],
    ['class A { f() { return { g: () => a.info(1), h() { a.info(2) } } } }', ['g 2', 'h 2']],
    ['class A { f() { [1].map(() => a.info(1)); function g() { a.info(2) } } }', ['null 2', 'g 2']],
    [
      'class A { #f() { a.info(1) } get g() { return a.info(2) } "h i"() { a.info(3) } [j]() { a.info(4) } }',
      ['A.#f 2', 'A.g 2', 'A.h i 2', 'null 2'],
    ],
    [
      'class A extends a.info(1) { constructor() { super(); this.log.info(2) } }',
      ['null 2', 'A.constructor 2'],
    ],
    ['function f() { class A { g() { a.info(1) } } }', ['A.g 2']],
    ['a\n  .with({ b: 1 })\n  .info(1)', ['null 4']],
    ['a["info"](1); a.info`x${1}`; a?.info(2); a.info?.(3)', ['null 2', 'null 2', 'null 2', 'null 2']],
    ['a.info(b.info(1))', ['null 2', 'null 2']],
    ['for (const x of y) x.log.critical(`${a.debug(1)}`)', ['null 2', 'null 2']],
  ])('finds function and line: %s', (body, expected) => {
    expect(places(transform(body))).toEqual(expected)
  })

  it.each([
    'console.error(1)',
    'info(1)',
    'a.information(1)',
    'a[info](1)',
    'const s = "a.info(1)"; const t = `a.info(1)`; /a.info(1)/.test(s) // a.info(1)',
    'class A extends B { f() { super.info(1) } }',
    'a?.b.info(1)',
    'const f = a.info',
    'new a.info(1)',
  ])('leaves alone what is no log call: %s', (body) => {
    expect(transform(body)).toBeUndefined()
  })

  it('leaves alone files that do not mention the package, are no JavaScript, or were transformed before', () => {
    expect(transform('a.info(1)', true, '')).toBeUndefined()
    expect(transform('const a: Logger = b; a.info(1)')).toBeUndefined()
    expect(transform('a.info(1) }')).toBeUndefined()
    expect(transform('a.info(1)')).toContain('$pixsim7At(a,0).info(1)')
    expect(transform(transform('a.info(1)') ?? '', true, '')).toBeUndefined()
    expect(transform(`${'('.repeat(20_000)}a.info(1)${')'.repeat(20_000)}`)).toBeUndefined()
  })

  it('keeps directives first, and every line where it was', () => {
    const directive = transform(
      `// @pixsim7/logging\na.info(1)`,
      false,
      `#!/usr/bin/env node\n'use strict'\n`,
    )
    expect(directive?.split('\n')[0]).toBe('#!/usr/bin/env node')
    expect(directive?.split('\n')[1]).toMatch(/^'use strict';var \$pixsim7Key/)
    expect(directive?.split('\n')[3]).toBe('$pixsim7At(a,0).info(1)')
    expect(transform('\n\na.info(1)', true, `#!x\n${IMPORT}`)?.split('\n')).toHaveLength(5)
  })

  it.each([
    'a.info(1)',
    'return[a][0].info(1)',
    'if(1)(b, a).info(1); else other.info(2)',
    'a.info(1)\na.info(2)\n;(0, a).info(3)',
    '(nothing || a).info(1)',
    'a.with({}).with({}).info(b.with({}).info(1))',
    'other.info(1).info(2).info(other.name)',
    'other.info`x${1}y`',
    'a["info"](1), nothing?.info(2), a?.info(3), a.info?.(4)',
    'f(); function f() { a.info(1) }',
    'var x = a.info(1) ? other : a; x.info(2); (x = b).info(3); (() => a)().info(4)',
    'var x = typeof[a][0].info(1) + void a.info(2); switch (1) { case[1][0]: a.info(3) }',
    'for (var x of[a, other, b]) x.info(x.name)',
    'var g = (function* () { (yield).info(1) })(); g.next(); g.next(a)',
    '/* @pixsim7/logging */ label: for (;;) { a.info(1); break label }',
  ])('changes nothing but the place: %s', (body) => {
    const head = '"@pixsim7/logging";'
    const code = transformCallSites(head + body, { file: '/x.js', isModule: false, tellsShifts: true })?.code
    expect(code).toContain('$pixsim7At')
    const unplaced = run(head + body)
    expect(unplaced.length).toBeGreaterThan(0)
    // Without a logger of ours behind it nothing knows of lines: those aside, both ran the same.
    expect(run(code ?? '').map(withoutPlace)).toEqual(unplaced.map(withoutPlace))
  })

  function withoutPlace(call: unknown): unknown {
    return (call as unknown[]).filter((_, index) => index !== 1 || (call as unknown[])[0] === 'other')
  }

  it('hands the place to loggers, and null and undefined fail as they did', () => {
    const code = transform(
      'a.info(1)\n other.info(2)\n b.with({}).info(3)',
      false,
      '/* @pixsim7/logging */\n',
    )
    expect(run(code ?? '')).toEqual([
      ['a', 2, 1],
      ['other', 2],
      ['b+', 4, 3],
    ])
    for (const missing of ['nothing', 'null'])
      expect(() => run(transform(`${missing}.info(1)`, false, '/* @pixsim7/logging */') ?? '')).toThrow(
        /Cannot read properties of (undefined|null) \(reading 'info'\)/,
      )
  })

  it('can be called before the module has run, in a circle of imports', () => {
    const code = transform('a.info(1); function f() { a.info(2) }', false, '/* @pixsim7/logging */ ') ?? ''
    const calls = run(code.replace('/* @pixsim7/logging */ ', 'f();'))
    expect(calls.map((call) => (call as unknown[])[2])).toEqual([2, 1])
  })

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.boolean(), (body, isModule) => {
        transform(`a.info(${body}`, isModule)
        transform(`${body}.info(1)`, isModule)
      }),
      { numRuns: 2000 },
    )
  })
})
