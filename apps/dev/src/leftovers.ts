/** Ends what a launcher that was killed (kill -9, out of memory) has left running. */
import type { PidFileContent } from './pid-file.ts'
import { isGroupRunning, isRunning, listMarked, type ProcessIdentity } from './process/process-table.ts'
import { sendSignal, waitUntil } from './process/signals.ts'
import { LauncherError } from './launcher-error.ts'

/** Name of the variable that marks everything one launcher starts, down to the last grandchild. */
export const RUN_VARIABLE = 'PIXSIM7_LAUNCHER_RUN'

const STOP_TIMEOUT_MS = 20_000
/** Who has lost the program that it worked for has nothing to bring to an end. */
const ORPHAN_STOP_TIMEOUT_MS = 3000
const KILL_TIMEOUT_MS = 5000

async function end(identity: ProcessIdentity, stopTimeoutMs: number): Promise<void> {
  sendSignal(identity.pid, 'SIGTERM')
  const hasEnded = await waitUntil(() => !isRunning(identity), stopTimeoutMs)
  // Its group too: the pid cannot be given to another one while the group has members.
  sendSignal(-identity.pid, 'SIGKILL')
  if (!hasEnded) sendSignal(identity.pid, 'SIGKILL')
  const isGone = () => !isRunning(identity) && !isGroupRunning(identity.pid)
  if (await waitUntil(isGone, KILL_TIMEOUT_MS)) return
  throw new LauncherError(
    'LEFTOVER_STUCK',
    `Process ${identity.pid}, left by an earlier start, cannot be ended. End it by hand (does it belong to another user?) and start again.`,
  )
}

/**
 * Ends the processes noted in `content`, the last started first, then everything else that carries its mark. A pid that
 * belongs to another process today is recognised by its start time and left alone. Calls `onEnding` before each.
 *
 * @throws LauncherError `LEFTOVER_STUCK` when one cannot be ended
 */
export async function endLeftovers(
  content: PidFileContent,
  onEnding: (name: string, pid: number) => void,
): Promise<void> {
  for (const { name, ...identity } of content.processes.toReversed()) {
    if (!isRunning(identity)) continue
    onEnding(name, identity.pid)
    await end(identity, STOP_TIMEOUT_MS)
  }
  // Children of a process that had died before its launcher did, and one started a moment before the kill.
  for (const identity of listMarked(`${RUN_VARIABLE}=${content.run}`)) {
    onEnding('a part', identity.pid)
    await end(identity, ORPHAN_STOP_TIMEOUT_MS)
  }
}
