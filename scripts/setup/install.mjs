// Installs the dependencies of package-lock.json, unless a stamp in node_modules says that this was done.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describeSystemError, SetupFailure } from './failure.mjs'
import { findMissingPackages } from './installed-tree.mjs'
import { npmEnvironment } from './npm-environment.mjs'
import { runProgram } from './run-program.mjs'
import { step } from './step.mjs'

const SHOWN_OUTPUT_LINES = 15

/** What npm's error codes mean for the user; the first that occurs in the output is told. */
const ADVICE = [
  [/\bENOSPC\b/, 'The disk is full: the dependencies take about 800 MB, and as much again in npm’s cache.'],
  [/\b(EACCES|EPERM|EROFS)\b/, 'A folder cannot be written: files of another user (an earlier start as root?) or a read-only disk.'],
  [/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/,
    'The package registry cannot be reached: check the network, and behind a proxy `npm config get proxy https-proxy registry`.'],
  [/\b(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|UNABLE_TO_VERIFY_LEAF_SIGNATURE)\b/,
    'The registry’s certificate is not trusted here: name your company’s certificate with `npm config set cafile FILE`.'],
  [/\b(E401|E403|E404)\b/, 'The registry refuses to hand out a package: check `npm config get registry`.'],
  [/\bEINTEGRITY\b/, 'A download is damaged or was altered on the way: `npm cache verify`, then start again.'],
  [/\bEUSAGE\b/, 'package.json and package-lock.json do not fit together: take both from the same commit.'],
] // prettier-ignore

function stampFile(root) {
  return path.join(root, 'node_modules', '.pixsim7-stamp')
}

/** What the installed files depend on: the lock file, the platform, and the ABI that native modules are made for. */
function wantedStamp(root) {
  return createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .update(`${process.versions.modules} ${process.platform} ${process.arch}`)
    .digest('hex')
}

/** Whether the stamp says that the lock file's packages are installed; reads only. */
export function areDependenciesInstalled(root) {
  const stamp = stampFile(root)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedStamp(root)
}

function lastLines(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-SHOWN_OUTPUT_LINES).map((line) => `  ${line}`)
}

function failureMessage(what, output) {
  const advice = ADVICE.find(([pattern]) => pattern.test(output))?.[1]
  return [
    'The dependencies could not be installed.',
    advice,
    'Then run the same command again.',
    '',
    `${what}:`,
    ...lastLines(output),
  ]
    .filter((line) => line !== undefined)
    .join('\n')
}

/** The npm that started us, else the one in PATH. Other package managers do not read our lock file. */
function npmCommand() {
  const own = process.env.npm_execpath
  if (own !== undefined && path.basename(own) === 'npm-cli.js' && existsSync(own))
    return { command: process.execPath, first: [own], shell: false }
  const isWindows = process.platform === 'win32'
  return { command: isWindows ? 'npm.cmd' : 'npm', first: [], shell: isWindows }
}

async function runNpm(root, ownCache) {
  const { command, first, shell } = npmCommand()
  const args = [
    ...first,
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  try {
    return await runProgram(command, args, { cwd: root, env: npmEnvironment(process.env, ownCache), shell })
  } catch (error) {
    throw new SetupFailure(
      `${describeSystemError(`Cannot start npm (${command})`, error)} It comes with Node; is it in PATH?`,
    )
  }
}

/** Installs what is missing. The stamp is removed first and written last, so a half-made node_modules has none. */
export async function installDependencies(root, stamps) {
  if (areDependenciesInstalled(root)) return
  const stamp = stampFile(root)
  const wanted = wantedStamp(root)
  try {
    rmSync(stamp, { force: true })
    if (findMissingPackages(root).length === 0) {
      // `npm ci` by hand, or by a CI step of its own.
      writeFileSync(stamp, wanted)
      return
    }
    const ownCache = path.join(stamps, 'npm-cache')
    await step(
      'Installing dependencies (about 800 MB on disk, most of it the ClickHouse engine)',
      'Dependencies installed',
      async () => {
        const { status, output } = await runNpm(root, ownCache)
        if (status !== 0)
          throw new SetupFailure(failureMessage(`npm ci ended with status ${status} and said`, output))
        const missing = findMissingPackages(root)
        if (missing.length > 0)
          throw new SetupFailure(failureMessage('npm ci reported success but left out', missing.join('\n')))
      },
    )
    rmSync(ownCache, { recursive: true, force: true })
    writeFileSync(stamp, wanted)
  } catch (error) {
    if (error.code === undefined) throw error
    throw new SetupFailure(describeSystemError(`Cannot write into ${path.join(root, 'node_modules')}`, error))
  }
}
