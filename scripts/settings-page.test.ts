import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { runProgram } from '@pixsim7/testkit'
import { describe, expect, it } from 'vitest'
import { differingDefaults, GROUPS, PROGRAMS } from './settings-page/declared.ts'
import { renderSettingsPage } from './settings-page/render.ts'

const ROOT = path.join(import.meta.dirname, '..')
const page = readFileSync(path.join(ROOT, 'docs/settings.md'), 'utf8')
const namesOnPage = [...page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map((match) => match[1] ?? '')

/** Variables that are no settings of ours: set by us for our own children, by npm, or by the system. */
const NOT_SETTINGS = new Set([
  'PATH',
  'HOME',
  'TERM',
  'NO_COLOR',
  'FORCE_COLOR',
  'CI',
  'TZ',
  'PIXSIM7_LAUNCHER',
])

/** Names of variables that the text of a source reads by name. */
function variablesIn(source: string): string[] {
  const reads = /\benv(?:ironment)?(?:\.|\[')([A-Z][A-Z0-9_]+)\b|\blookUp\('([A-Z][A-Z0-9_]+)'\)/g
  return [...source.matchAll(reads)].map((match) => match[1] ?? match[2] ?? '')
}

function sources(): string[] {
  return ['packages', 'apps'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder)).flatMap((workspace) => {
      const source = path.join(ROOT, folder, workspace, 'src')
      return readdirSync(source, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
        .map((file) => path.join(source, file))
    }),
  )
}

describe('the page of settings', () => {
  it('is what the declarations say (if not: npm run docs:settings)', () => {
    expect(page).toBe(renderSettingsPage())
  })

  it('shows every setting of every program once', () => {
    expect(new Set(namesOnPage).size).toBe(namesOnPage.length)
    const declared = PROGRAMS.flatMap(({ settings }) => settings.map(({ name }) => name))
    expect(declared.filter((name) => !namesOnPage.includes(name))).toEqual([])
    expect(GROUPS.length).toBeGreaterThan(5)
  })

  it('has every variable that a source reads by name', () => {
    expect(variablesIn("process.env['SOME_VARIABLE'] lookUp('OTHER_ONE') env.THIRD")).toEqual([
      'SOME_VARIABLE',
      'OTHER_ONE',
      'THIRD',
    ])
    const read = sources().flatMap((file) =>
      variablesIn(readFileSync(file, 'utf8')).map((name) => ({ name, file: path.relative(ROOT, file) })),
    )
    expect(read.filter(({ name }) => !namesOnPage.includes(name) && !NOT_SETTINGS.has(name))).toEqual([])
  })

  it('says nothing of the value of a secret', () => {
    for (const { settings } of PROGRAMS) {
      for (const setting of settings) {
        if (/PASSWORD|TOKEN|SECRET_KEY$|DATABASE_URL/.test(setting.name)) {
          expect(setting).toMatchObject({ isSecret: true })
          expect(setting.default).toBeUndefined()
        }
      }
    }
  })

  it('agrees with what the launcher takes for the defaults of the programs it starts', () => {
    expect(differingDefaults()).toEqual([])
  })
})

describe('--help', () => {
  it.each(PROGRAMS)('of the $name lists its settings and ends with status 0', async ({ file, settings }) => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [path.join(ROOT, file), '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const { name, default: text } of settings) expect(stdout).toContain(`${name}=${text ?? ''}`)
  })

  it.each(PROGRAMS)('is what the $name shows for an argument it does not know', async ({ file }) => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [path.join(ROOT, file), '--wrong'])
    expect(code).toBeGreaterThan(0)
    expect(stdout).toBe('')
    expect(stderr).toContain('--wrong')
  })
})
