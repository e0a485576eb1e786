/** docs/debugging.md as the test reads it: the commands and addresses of each task. */
import { readFileSync } from 'node:fs'
import path from 'node:path'

const PAGE = path.join(import.meta.dirname, '../../../docs/debugging.md')

/** The ways one task is shown in; undefined where the page does not show it. */
export interface Task {
  readonly title: string
  /** A command of the specification. */
  readonly files?: string
  readonly filesJson?: string
  /** A command that prints the right lines only. */
  readonly exact?: string
  readonly exactJson?: string
  readonly pixlogs?: string
  readonly panel?: string
}

const WAYS: Readonly<Record<string, keyof Task>> = {
  Files: 'files',
  'Files, JSON': 'filesJson',
  Exact: 'exact',
  'Exact, JSON': 'exactJson',
  pixlogs: 'pixlogs',
  Panel: 'panel',
}

/** The sections that show any way, in their order. Every code block and address of the page belongs to one. */
export function readDebuggingPage(): { tasks: Task[]; unread: string[] } {
  const tasks: Task[] = []
  const text = readFileSync(PAGE, 'utf8')
  for (const section of text.split(/^## /m).slice(1)) {
    const found: [string, string][] = [
      ...section.matchAll(/^\*\*([^*]+)\*\*\n\n```sh\n(.*)\n```$|^\*\*([^*]+)\*\* <(\S+)>$/gm),
    ].map(([, label, command, other, address]) => [
      WAYS[label ?? other ?? ''] ?? `${label ?? other} is no way`,
      command ?? address ?? '',
    ])
    if (found.length > 0) tasks.push({ title: section.split('\n')[0] ?? '', ...Object.fromEntries(found) })
  }
  const shown = tasks.flatMap((task) => Object.values(task))
  const all = [...text.matchAll(/```sh\n([\s\S]*?)\n```|<(https?:\S+)>/g)].map(
    (one) => one[1] ?? one[2] ?? '',
  )
  return { tasks, unread: all.filter((one) => !shown.includes(one)) }
}
