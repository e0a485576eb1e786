/** What a line of a stack trace is to its reader. */
export type StackLineKind = 'head' | 'own' | 'foreign'

/** A V8 frame (`at f (file.ts:1:2)`) or a Python one (`File "x.py", line 3, in f`). */
const FRAME = /^\s+at\s|^\s+File ".*", line \d+/
const FOREIGN = /node_modules|\bnode:|site-packages|dist-packages|lib\/python\d|<anonymous>\)?$|native\)$/

/** Own frames are what the reader looks for; foreign ones (packages, the runtime) are shown dimmed, heads stand out. */
export function stackLineKind(line: string): StackLineKind {
  if (!FRAME.test(line)) return 'head'
  return FOREIGN.test(line) ? 'foreign' : 'own'
}

/**
 * The type the exception names, `TypeError`, for the mark in the list: from the first line, or for a Python traceback
 * from the last. `exception` when the text names none.
 */
export function exceptionName(exception: string): string {
  const name = /^([A-Z][\w$.]{1,60})(?=[:\s[]|$)/
  const head = exception.slice(0, 300)
  if (head.startsWith('Traceback (')) {
    return (
      /^([\w.]{2,80})(?=:|$)/.exec(exception.slice(exception.trimEnd().lastIndexOf('\n') + 1))?.[1] ??
      'exception'
    )
  }
  return name.exec(head)?.[1] ?? 'exception'
}
