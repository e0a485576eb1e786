// Compares what stands in node_modules with the lock file, so that an installation made by hand is not made again.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
  } catch {
    return {}
  }
}

/** npm's own rule: a list names what is allowed, or with `!` what is not. */
function allows(list, value) {
  if (list === undefined) return true
  if (list.includes(`!${value}`)) return false
  return list.every((entry) => entry.startsWith('!')) || list.includes(value) || list.includes('any')
}

function currentLibc() {
  if (process.platform !== 'linux') return undefined
  return process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
}

function isForThisPlatform(entry, libc) {
  return (
    allows(entry.os, process.platform) &&
    allows(entry.cpu, process.arch) &&
    (libc === undefined || allows(entry.libc, libc))
  )
}

/**
 * Paths of the packages that the lock file asks for on this platform and that are not installed in that version; empty
 * when all is there. npm leaves out an optional package whose download failed and still reports success, so the optional
 * ones made for this platform (the store engine, PostgreSQL) count as needed.
 */
export function findMissingPackages(root) {
  const wanted = readPackages(path.join(root, 'package-lock.json'))
  // npm writes this file last, so without it an installation was cut short.
  const installed = readPackages(path.join(root, 'node_modules', '.package-lock.json'))
  const libc = currentLibc()
  const ownOptional = new Set(
    Object.entries(wanted)
      .filter(([name]) => !name.includes('node_modules/'))
      .flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {})),
  )
  return Object.entries(wanted)
    .filter(([name, entry]) => {
      if (name === '') return false
      if (entry.optional === true || entry.devOptional === true || entry.peer === true) {
        const isNamed =
          entry.os !== undefined ||
          entry.cpu !== undefined ||
          ownOptional.has(name.replace(/^node_modules\//, ''))
        if (!isNamed || !isForThisPlatform(entry, libc)) return false
      }
      const found = installed[name]
      const isSame =
        found !== undefined && found.version === entry.version && found.integrity === entry.integrity
      return !isSame || !existsSync(path.join(root, name, 'package.json'))
    })
    .map(([name]) => name)
}
