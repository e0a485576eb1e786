/** Finds in the source every call that logs: with which level, logger and message, and by the compiler's types, which fields. */
import path from 'node:path'
import ts from 'typescript'

export interface LoggedEvent {
  readonly level: string
  /** `…` stands for what is known at run time only. */
  readonly logger: string
  readonly message: string
  readonly fields: ReadonlySet<string>
  /** Log files of the components whose program the source belongs to. */
  readonly files: ReadonlySet<string>
  /** `src/jobs/create-job.ts:62`, for people. */
  readonly place: string
}

const WORKSPACE = path.resolve(import.meta.dirname, '..')
const LEVELS = new Map([
  ['debug', 'DEBUG'],
  ['info', 'INFO'],
  ['warning', 'WARNING'],
  ['error', 'ERROR'],
  ['critical', 'CRITICAL'],
])
const ENTRIES = { 'backend.log': 'src/api.ts', 'worker.log': 'src/worker.ts' } as const

/** All events of this workspace's programs. One call gives two when its message depends on a condition. */
export function scanEvents(): LoggedEvent[] {
  const config = ts.getParsedCommandLineOfConfigFile(path.join(WORKSPACE, 'tsconfig.json'), {}, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'))
    },
  } as ts.ParseConfigFileHost)
  if (config === undefined) throw new Error('tsconfig.json of the application cannot be read')
  const program = ts.createProgram(config.fileNames, config.options)
  const checker = program.getTypeChecker()
  const reach = Object.entries(ENTRIES).map(
    ([file, entry]) => [file, sourcesFrom(program, path.join(WORKSPACE, entry))] as const,
  )
  const events: LoggedEvent[] = []
  for (const source of program.getSourceFiles()) {
    if (!source.fileName.startsWith(path.join(WORKSPACE, 'src/'))) continue
    const files = new Set(reach.filter(([, sources]) => sources.has(source.fileName)).map(([file]) => file))
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node)) events.push(...eventsOf(checker, source, node, files))
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return events
}

/** The source files a program consists of, following its imports. */
function sourcesFrom(program: ts.Program, entry: string): Set<string> {
  const found = new Set([entry])
  for (const fileName of found) {
    const source = program.getSourceFile(fileName)
    for (const statement of source?.statements ?? []) {
      const target = ts.isImportDeclaration(statement) ? statement.moduleSpecifier : undefined
      if (target !== undefined && ts.isStringLiteral(target) && target.text.startsWith('.')) {
        found.add(path.resolve(path.dirname(fileName), target.text))
      }
    }
  }
  return found
}

function eventsOf(
  checker: ts.TypeChecker,
  source: ts.SourceFile,
  call: ts.CallExpression,
  files: ReadonlySet<string>,
): LoggedEvent[] {
  if (!ts.isPropertyAccessExpression(call.expression)) return []
  const level = LEVELS.get(call.expression.name.text)
  const logger = loggerName(checker, call.expression.expression)
  const [message, fields] = call.arguments
  if (level === undefined || logger === undefined || message === undefined) return []
  const { line } = source.getLineAndCharacterOfPosition(call.getStart())
  const place = `${path.relative(WORKSPACE, source.fileName)}:${line + 1}`
  return textsOf(message).map((text) => ({
    level,
    logger,
    message: text,
    fields: new Set(fields === undefined ? [] : fieldNames(checker.getTypeAtLocation(fields))),
    files,
    place,
  }))
}

/** The name given to getLogger, for `getLogger('x')` and for a variable that holds it; undefined for what is no logger. */
function loggerName(checker: ts.TypeChecker, receiver: ts.Expression): string | undefined {
  if (ts.isCallExpression(receiver)) {
    const [name] = receiver.arguments
    return receiver.expression.getText() === 'getLogger' && name !== undefined ? textsOf(name)[0] : undefined
  }
  const declaration = checker.getSymbolAtLocation(receiver)?.valueDeclaration
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return undefined
  return declaration.initializer === undefined ? undefined : loggerName(checker, declaration.initializer)
}

function textsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)]
  if (ts.isTemplateExpression(node)) {
    return [[node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join('…')]
  }
  return ['…']
}

function fieldNames(type: ts.Type): string[] {
  if (type.isUnion()) return type.types.flatMap(fieldNames)
  return type.getProperties().map((property) => property.name)
}
