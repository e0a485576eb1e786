import { parse, type AnyNode, type Node } from 'acorn'
import {
  enter,
  memberName,
  targetName,
  TOP_LEVEL,
  type Enclosing,
  type NameHint,
  type NameOf,
} from './enclosing-name.ts'

/** A call of a method named like a level: `receiver.info(…)`. */
export interface LogCall {
  /** The receiver's first character, and the one after its last. */
  readonly start: number
  readonly end: number
  /** `a, b` in parentheses: needs others around it when it becomes an argument. */
  readonly isSequence: boolean
  /** Where the method's name stands: the place of the call, as in a stack. */
  readonly methodStart: number
  readonly function: string | null
}

/** What was found in a file. */
export interface FoundCalls {
  readonly calls: readonly LogCall[]
  /** Where statements can be put in: behind directives (`'use strict'`) and `#!`. */
  readonly bodyStart: number
  /** A directive comes before. */
  readonly isAfterDirective: boolean
}

const METHODS = new Set(['debug', 'info', 'warning', 'error', 'critical', 'warn', 'fatal', 'trace'])

/** Whether it is worth parsing: the pattern that log calls have, anywhere. */
export const LIKELY_CALL =
  /\b(?:debug|info|warning|error|critical|warn|fatal|trace)\b["'`]?\]?\s*(?:\?\.\s*)?(?:\(|`)/

/**
 * The calls in a JavaScript file that may be log calls: what the receiver is, only running tells. Calls of `console` and `super` are
 * left out, and those behind a `?.` further up (`a?.logger.info()`), which may never happen.
 *
 * @throws SyntaxError when the text is no JavaScript.
 */
export function findLogCalls(code: string, isModule: boolean, nameOf: NameOf): FoundCalls {
  const program = parse(code, {
    ecmaVersion: 'latest',
    sourceType: isModule ? 'module' : 'script',
    allowHashBang: true,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: isModule,
    allowImportExportEverywhere: false,
    allowSuperOutsideMethod: true,
  })
  const calls: LogCall[] = []
  visit(program, TOP_LEVEL, undefined, { calls, nameOf })
  let bodyStart = code.startsWith('#!') ? endOfLine(code) : 0
  let isAfterDirective = false
  for (const statement of program.body) {
    if (statement.type !== 'ExpressionStatement' || statement.directive === undefined) break
    bodyStart = statement.end
    isAfterDirective = true
  }
  return { calls, bodyStart, isAfterDirective }
}

function endOfLine(code: string): number {
  const end = code.indexOf('\n')
  return end === -1 ? code.length : end + 1
}

interface Search {
  readonly calls: LogCall[]
  readonly nameOf: NameOf
}

/** @param hint The name the node would get when it is a function or class without one. */
function visit(node: AnyNode, outer: Enclosing, hint: NameHint | undefined, search: Search): void {
  const callee =
    node.type === 'CallExpression'
      ? node.callee
      : node.type === 'TaggedTemplateExpression'
        ? node.tag
        : undefined
  if (callee !== undefined) noteCall(callee, outer, search)
  const kept = keptName(node)
  if (kept !== undefined) {
    visit(kept.value, outer, hint ?? { name: kept.name, start: -1 }, search)
    return
  }
  const inside = enter(node, outer, hint, search.nameOf) ?? outer
  for (const key in node) {
    const child = (node as unknown as Record<string, unknown>)[key]
    if (Array.isArray(child)) {
      for (const item of child) if (isNode(item)) visitChild(item, node, inside, search)
    } else if (isNode(child)) {
      // What a class extends is evaluated outside of it.
      visitChild(child, node, key === 'superClass' ? outer : inside, search)
    }
  }
}

function visitChild(child: AnyNode, parent: AnyNode, outer: Enclosing, search: Search): void {
  switch (parent.type) {
    case 'MethodDefinition':
    case 'PropertyDefinition':
      if (child === parent.value) visitMember(child, parent, outer, search)
      // Computed keys and decorators run where the class stands.
      else visit(child, { function: outer.function, class: null }, undefined, search)
      return
    case 'Property':
      if (child === parent.value && isFunction(child))
        visitMember(child, parent, { ...outer, class: null }, search)
      else visit(child, outer, undefined, search)
      return
    case 'VariableDeclarator':
    case 'AssignmentPattern':
    case 'AssignmentExpression': {
      const target = parent.type === 'VariableDeclarator' ? parent.id : parent.left
      visit(child, outer, child === target ? undefined : hintOf(target), search)
      return
    }
    case 'ExportDefaultDeclaration':
      visit(child, outer, { name: 'default', start: -1 }, search)
      return
    default:
      visit(child, outer, undefined, search)
  }
}

/** `__name(() => …, "handler")`: how esbuild, and so tsx, keeps the names of functions. */
function keptName(node: AnyNode): { value: AnyNode; name: string } | undefined {
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier' || node.callee.name !== '__name')
    return undefined
  const [value, name] = node.arguments
  return value !== undefined && name?.type === 'Literal' && typeof name.value === 'string'
    ? { value, name: name.value }
    : undefined
}

function hintOf(target: AnyNode): NameHint | undefined {
  const name = targetName(target)
  return name === undefined ? undefined : { name, start: target.type === 'Identifier' ? target.start : -1 }
}

/** The value of a member: a function is named by it, other code of a class runs nameless when an object is made. */
function visitMember(
  value: AnyNode,
  member: AnyNode & { key: AnyNode; computed: boolean },
  outer: Enclosing,
  search: Search,
): void {
  if (!isFunction(value)) {
    visit(value, { function: null, class: null }, undefined, search)
    return
  }
  const name = memberName(member, outer.class, search.nameOf)
  const hasOwnName = value.type === 'FunctionExpression' && value.id !== null && value.id !== undefined
  visit(value, outer, hasOwnName || name === undefined ? undefined : { name, start: -1 }, search)
}

function isFunction(node: AnyNode): boolean {
  const value = keptName(node)?.value ?? node
  return value.type === 'FunctionExpression' || value.type === 'ArrowFunctionExpression'
}

function noteCall(callee: AnyNode, enclosing: Enclosing, { calls }: Search): void {
  if (callee.type !== 'MemberExpression' || callee.object.type === 'Super') return
  const { object, property, computed } = callee
  const name = computed
    ? property.type === 'Literal' && property.value
    : property.type === 'Identifier' && property.name
  if (typeof name !== 'string' || !METHODS.has(name)) return
  if ((object.type === 'Identifier' && object.name === 'console') || isInOptionalChain(object)) return
  calls.push({
    start: object.start,
    end: object.end,
    isSequence: object.type === 'SequenceExpression',
    methodStart: property.start,
    function: enclosing.function,
  })
}

function isInOptionalChain(node: AnyNode): boolean {
  let part: AnyNode = node
  for (;;) {
    if (part.type !== 'MemberExpression' && part.type !== 'CallExpression') return false
    if (part.optional) return true
    part = part.type === 'MemberExpression' ? part.object : part.callee
  }
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Node).type === 'string' &&
    !('regex' in value)
  )
}
