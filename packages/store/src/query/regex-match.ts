import type { RegexAssertion, RegexNode, RegexSet } from './regex.ts'
import { setText } from './regex-text.ts'

/**
 * Decides regular expressions in time that grows with text times expression: all ways through the expression are
 * followed at once. JavaScript's own engine tries one after the other, and `(a+)+$` takes it for ever.
 */

type Step =
  | { readonly kind: 'set'; readonly takes: (point: number) => boolean; readonly next: number }
  | { readonly kind: 'fork'; readonly next: number[] }
  | { readonly kind: 'assert'; readonly what: RegexAssertion; readonly next: number }
  | { readonly kind: 'end' }

/** A function that says whether the expression is found anywhere in a text. */
export function regexMatcher(node: RegexNode, ignoresCase: boolean): (text: string) => boolean {
  const steps: Step[] = [{ kind: 'end' }]
  const start = compile(node, 0, steps, ignoresCase)
  return (text) => run(steps, start, text)
}

/** Appends the steps of a node that go on at `next`; returns where they begin. */
function compile(node: RegexNode, next: number, steps: Step[], ignoresCase: boolean): number {
  const add = (step: Step): number => steps.push(step) - 1
  switch (node.kind) {
    case 'set':
      return add({ kind: 'set', takes: setMatcher(node, ignoresCase), next })
    case 'assert':
      return add({ kind: 'assert', what: node.what, next })
    case 'sequence':
      return node.parts.reduceRight((after, part) => compile(part, after, steps, ignoresCase), next)
    case 'choice':
      return add({ kind: 'fork', next: node.parts.map((part) => compile(part, next, steps, ignoresCase)) })
    case 'repeat': {
      let after = next
      if (node.max === null) {
        const targets = [next]
        after = add({ kind: 'fork', next: targets })
        targets.push(compile(node.part, after, steps, ignoresCase))
      } else {
        for (let count = node.min; count < node.max; count += 1) {
          after = add({ kind: 'fork', next: [next, compile(node.part, after, steps, ignoresCase)] })
        }
      }
      for (let count = 0; count < node.min; count += 1) after = compile(node.part, after, steps, ignoresCase)
      return after
    }
  }
}

function setMatcher(set: RegexSet, ignoresCase: boolean): (point: number) => boolean {
  if (!ignoresCase && set.categories.length === 0) {
    return (point) => set.ranges.some(([first, last]) => point >= first && point <= last) !== set.isNegated
  }
  // One character at a time, where JavaScript's engine has nothing to try twice, and knows letters as RE2 does.
  const pattern = new RegExp(`^${setText(set, 'javascript')}$`, ignoresCase ? 'iu' : 'u')
  return (point) => pattern.test(String.fromCodePoint(point))
}

const NEWLINE = 0x0a
const NOTHING = -1

function run(steps: readonly Step[], start: number, text: string): boolean {
  let now: number[] = []
  // In which round a step was last reached, so that none is followed twice in one.
  const reachedIn = new Int32Array(steps.length)
  let round = 0
  let before = NOTHING
  let position = 0
  for (;;) {
    const point = text.codePointAt(position) ?? NOTHING
    round += 1
    const sets: number[] = []
    // A match may begin anywhere.
    now.push(start)
    for (let at = now.pop(); at !== undefined; at = now.pop()) {
      if (reachedIn[at] === round) continue
      reachedIn[at] = round
      const step = steps[at] as Step
      if (step.kind === 'end') return true
      if (step.kind === 'set') sets.push(at)
      else if (step.kind === 'fork') now.push(...step.next)
      else if (holds(step.what, before, point)) now.push(step.next)
    }
    if (point === NOTHING) return false
    now = []
    for (const at of sets) {
      const step = steps[at] as Extract<Step, { kind: 'set' }>
      if (step.takes(point)) now.push(step.next)
    }
    before = point
    position += point > 0xffff ? 2 : 1
  }
}

function holds(what: RegexAssertion, before: number, after: number): boolean {
  switch (what) {
    case 'lineStart':
      return before === NOTHING || before === NEWLINE
    case 'lineEnd':
      return after === NOTHING || after === NEWLINE
    case 'wordEdge':
      return isWord(before) !== isWord(after)
    case 'noWordEdge':
      return isWord(before) === isWord(after)
  }
}

function isWord(point: number): boolean {
  return point !== NOTHING && /^\w$/.test(String.fromCodePoint(point))
}
