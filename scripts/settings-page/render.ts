/** docs/settings.md as text, made from the declarations. */
import { CHOSEN, GROUPS, PROGRAMS, type Declared } from './declared.ts'

const INTRODUCTION = `# Settings

<!-- Made from the declarations by \`npm run docs:settings\`; a test holds both equal. Change the declarations, not this page. -->

Every setting is a variable, looked for in this order: the environment, the nearest \`.env\` (from the working folder up to the workspace
root), the default. Empty counts as not given. Relative paths start at the folder of that \`.env\`, or at the workspace root. A program reports
all values it cannot use, together, each with where it stands and what was expected (of a secret never the value), and does not start.
Durations and sizes carry their unit: \`50ms\`, \`10s\`, \`12h\`, \`7d\`; \`512KB\`, \`64MB\`, \`2GB\`. Each program lists its own with \`--help\`.
`

const HEADER = `| variable | default | what it means | what it takes | secret | read by |
|---|---|---|---|---|---|`

const cell = (text: string) => text.replaceAll('|', '\\\\|').replaceAll('\\n', ' ')

function readers(name: string): string {
  const found = PROGRAMS.filter(({ settings }) => settings.some((setting) => setting.name === name))
  return found.length === 0 ? 'your component' : found.map((program) => program.name).join(', ')
}

function row({ name, default: text, doc, isSecret, parser }: Declared): string {
  const chosen = CHOSEN.get(name)
  const note = chosen === undefined || chosen === text ? '' : `. \`npm start\` sets \`${chosen}\``
  const cells = [
    `\`${name}\``,
    text === undefined ? '' : `\`${text}\``,
    cell(doc.charAt(0).toUpperCase() + doc.slice(1)) + note,
    cell(parser?.expected ?? 'a text'),
    isSecret === true ? 'yes' : '',
    readers(name),
  ]
  return `| ${cells.join(' | ')} |`
}

/** The whole page, with a newline at its end. */
export function renderSettingsPage(): string {
  const shown = new Set<string>()
  const sections = GROUPS.map(({ title, about, settings }) => {
    const rows = settings.flatMap((setting) => {
      if (shown.has(setting.name)) return []
      shown.add(setting.name)
      return [row(setting)]
    })
    return rows.length === 0
      ? ''
      : `\n## ${title.replaceAll('\`', '')}\n\n${about}\n\n${HEADER}\n${rows.join('\n')}\n`
  })
  return INTRODUCTION + sections.join('')
}
