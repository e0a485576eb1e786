/**
 * A program `systemctl` for the services of a running system, so that the specification's blocks run as they stand where no systemd
 * is: `reload` sends SIGHUP, as `ExecReload=/bin/kill -HUP $MAINPID` does, `restart` ends the process and waits for the next.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { RunningSystem } from '../../support/running-system.ts'

function programText(pids: string, calls: string): string {
  return `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs')
const [, , verb, unit = ''] = process.argv
const pidOf = () => {
  const { processes } = JSON.parse(readFileSync(${JSON.stringify(pids)}, 'utf8'))
  return processes.find(({ name }) => 'pixsim7-' + name === unit).pid
}
const former = pidOf()
process.kill(former, verb === 'reload' ? 'SIGHUP' : 'SIGTERM')
if (verb === 'restart') {
  const wait = () => (pidOf() === former ? setTimeout(wait, 50) : undefined)
  wait()
}
appendFileSync(${JSON.stringify(calls)}, verb + ' ' + unit + '\\n')
`
}

export interface Systemctl {
  /** Put it before the PATH. */
  readonly programs: string
  /** `reload pixsim7-backend` and so on, since the last call. */
  takeCalls(): string[]
}

/** Makes the program in the system's folder. */
export function makeSystemctl({ folder }: RunningSystem): Systemctl {
  const programs = path.join(folder, 'programs')
  const calls = path.join(folder, 'systemctl-calls.txt')
  mkdirSync(programs)
  const file = path.join(programs, 'systemctl')
  writeFileSync(file, programText(path.join(folder, 'data/dev.pid.json'), calls))
  chmodSync(file, 0o755)
  return {
    programs,
    takeCalls() {
      const made = existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').slice(0, -1) : []
      writeFileSync(calls, '')
      return made
    },
  }
}
