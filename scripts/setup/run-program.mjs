// Runs one program of the set-up (npm, tsc, vite) in a process group of its own, so that it can be ended as a whole.
import { spawn } from 'node:child_process'
import { setStopRunning } from './interruption.mjs'

const KEPT_OUTPUT_CHARACTERS = 64 * 1024
const KILL_AFTER_MS = 2000
const IS_WINDOWS = process.platform === 'win32'

function killGroup(child, signal) {
  try {
    if (IS_WINDOWS) child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

/**
 * Runs `command` with `args` and resolves when it has ended and its output is read: `{ status, output }`. `status` is
 * null after a signal; `output` holds the last 64 K characters of both streams. Rejects when it cannot be started.
 */
export function runProgram(command, args, { cwd, env = process.env, shell = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      shell,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !IS_WINDOWS,
    })
    let output = ''
    let isStopping = false
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-KEPT_OUTPUT_CHARACTERS)
      })
    }
    const closed = new Promise((done) => child.once('close', done))
    setStopRunning(async () => {
      isStopping = true
      killGroup(child, 'SIGTERM')
      const timer = setTimeout(() => killGroup(child, 'SIGKILL'), KILL_AFTER_MS)
      await closed
      clearTimeout(timer)
      // A script that npm had started may have outlived it.
      killGroup(child, 'SIGKILL')
    })
    child.once('error', (error) => {
      setStopRunning(undefined)
      reject(error)
    })
    void closed.then(() => {
      // Stopped on request: the process is about to end, and whoever waits for the result must not report a failure.
      if (isStopping) return
      setStopRunning(undefined)
      resolve({ status: child.exitCode, output })
    })
  })
}
