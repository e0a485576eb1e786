/** Commands in a real shell, as they are pasted. */
import { runProgram, startProgram, type Program } from '@pixsim7/testkit'
import { withoutSettings } from '../../support/running-system.ts'

/** Where and in which time zone somebody sits. */
export interface Seat {
  readonly folder: string
  /** IANA name; default the machine's. */
  readonly zone?: string
  /** Searched for programs before the PATH. */
  readonly programs?: string
}

export interface ShellAnswer {
  readonly lines: readonly string[]
  readonly status: number | null
  readonly stderr: string
}

function environmentOf({ zone, programs }: Seat): Record<string, string | undefined> {
  return {
    ...withoutSettings(),
    LC_ALL: 'C.UTF-8',
    ...(zone === undefined ? {} : { TZ: zone }),
    ...(programs === undefined ? {} : { PATH: `${programs}:${process.env['PATH'] ?? ''}` }),
  }
}

/** Runs a command to its end. */
export async function runInShell(command: string, seat: Seat): Promise<ShellAnswer> {
  const { stdout, stderr, code } = await runProgram('bash', ['-c', command], {
    cwd: seat.folder,
    env: environmentOf(seat),
  })
  return { lines: stdout.split('\n').slice(0, -1), status: code, stderr }
}

/** Starts a command that does not end; the caller ends it, or the end of the test does. */
export function startInShell(command: string, seat: Seat): Program {
  return startProgram('bash', ['-c', command], { cwd: seat.folder, env: environmentOf(seat) })
}

/**
 * The same on a terminal, where a pipe's last program shows each line at once and not when 4 kB are full.
 * @param script Path of the program `script`, see requireTool.
 */
export function startOnTerminal(script: string, command: string, seat: Seat): Program {
  const args =
    process.platform === 'darwin'
      ? ['-q', '/dev/null', 'bash', '-c', command]
      : ['--quiet', '--flush', '--return', '--command', command, '/dev/null']
  return startProgram(script, args, {
    cwd: seat.folder,
    env: { ...environmentOf(seat), SHELL: '/bin/bash' },
  })
}

/** A time zone in which it is another day than in UTC, now and for the next half an hour. */
export function zoneOfAnotherDay(now = new Date()): string {
  const hour = now.getUTCHours() + now.getUTCMinutes() / 60
  // UTC-11 until 11:00, UTC+14 from 10:00 on.
  return hour < 10.25 ? 'Pacific/Pago_Pago' : 'Pacific/Kiritimati'
}
