import type { AnyNode } from 'acorn'

/** The function, and the class, that code stands in, by the names V8 would give them in a stack. */
export interface Enclosing {
  /** `Class.method` or `name`; null at the top of a module and in nameless functions. */
  readonly function: string | null
  readonly class: string | null
}

/** The name an identifier had in the source, where a source map knows better than the code. */
export type NameOf = (start: number, name: string) => string

/** What a name would be given to: `const name = …`, `name: …`; with its offset. */
export interface NameHint {
  readonly name: string
  readonly start: number
}

export const TOP_LEVEL: Enclosing = { function: null, class: null }

/** What stands inside of a node that is a function or a class, or begins code of its own; undefined for all other nodes. */
export function enter(
  node: AnyNode,
  outer: Enclosing,
  hint: NameHint | undefined,
  nameOf: NameOf,
): Enclosing | undefined {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression': {
      const own = 'id' in node && node.id ? { name: node.id.name, start: node.id.start } : hint
      return { function: own === undefined ? null : nameOf(own.start, own.name), class: null }
    }
    case 'ClassDeclaration':
    case 'ClassExpression': {
      const own = node.id ? { name: node.id.name, start: node.id.start } : hint
      return { function: outer.function, class: own === undefined ? null : nameOf(own.start, own.name) }
    }
    case 'StaticBlock':
      return { function: null, class: null }
    default:
      return undefined
  }
}

/** What a function that is a member of a class or object is called; undefined when only running it would tell. */
export function memberName(
  node: { key: AnyNode; computed: boolean; kind?: string },
  className: string | null,
  nameOf: NameOf,
): string | undefined {
  if (node.kind === 'constructor') return className === null ? 'constructor' : `${className}.constructor`
  const key = keyName(node.key, node.computed, nameOf)
  return key === undefined || className === null ? key : `${className}.${key}`
}

function keyName(key: AnyNode, isComputed: boolean, nameOf: NameOf): string | undefined {
  if (key.type === 'Literal' && typeof key.value === 'string') return key.value
  if (isComputed) return undefined
  if (key.type === 'Identifier') return nameOf(key.start, key.name)
  return key.type === 'PrivateIdentifier' ? `#${nameOf(key.start, key.name).replace(/^#/, '')}` : undefined
}

/** The name of what is assigned to: `exports.run = …` names a function `exports.run`. */
export function targetName(node: AnyNode): string | undefined {
  if (node.type === 'Identifier') return node.name
  if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier')
    return undefined
  const object = node.object.type === 'ThisExpression' ? '' : targetName(node.object)
  if (object === undefined) return undefined
  if (node.property.name === 'prototype') return object
  return object === '' ? node.property.name : `${object}.${node.property.name}`
}
