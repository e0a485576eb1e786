import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runProgram, startNode, startProgram, type Program } from './program.ts'
import { waitFor } from './wait-for.ts'

const evaluate = (code: string, options: Parameters<typeof startProgram>[2] = {}) =>
  startProgram(process.execPath, ['-e', code], options)

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // On Linux a zombie still takes signals.
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

const WITH_CHILD = `
  const child = require('node:child_process').spawn('sleep', ['1000'], { stdio: 'inherit' })
  console.log('child', child.pid)
`

describe('startProgram', () => {
  it('collects the output and tells how the program ended', async () => {
    const program = evaluate(
      'console.log("out"); console.error("err"); process.stdout.write("ü".repeat(100_000)); process.exitCode = 3',
    )
    expect(await program.exit).toStrictEqual({
      code: 3,
      signal: null,
      stdout: `out\n${'ü'.repeat(100_000)}`,
      stderr: 'err\n',
    })
    expect(program.hasEnded).toBe(true)
  })

  it('passes input, environment and folder', async () => {
    const program = evaluate(
      'process.stdin.pipe(process.stdout); console.log(process.env.A, process.env.HOME, process.env.VITEST, process.cwd())',
      {
        input: 'text',
        env: { A: 'b', HOME: undefined },
        cwd: '/',
      },
    )
    expect((await program.exit).stdout).toBe('b undefined undefined /\ntext')
  })

  it('waits for lines of both streams, earlier ones too', async () => {
    const program = evaluate(
      'console.log("one 1"); setTimeout(() => console.error("two 2"), 50); setTimeout(() => process.stdout.write("three 3"), 100)',
    )
    expect((await program.waitForLine(/two (\d)/))[1]).toBe('2')
    expect((await program.waitForLine(/one (\d)/g))[1]).toBe('1')
    expect((await program.waitForLine(/^three (\d)$/))[1]).toBe('3')
  })

  it('shows the output when the awaited line does not come', async () => {
    await expect(evaluate('console.log("something else")').waitForLine(/ready/)).rejects.toThrow(
      /before it ended[^]*something else/,
    )
    await expect(
      evaluate('setInterval(() => {}, 1000)').waitForLine(/ready/, { timeoutMs: 50 }),
    ).rejects.toThrow('before 50 ms passed')
  })

  it('rejects when there is no such program', async () => {
    await expect(startProgram('/no/such/program').exit).rejects.toThrow('Could not start /no/such/program')
  })

  it('stops by SIGTERM, and by force what does not listen', async () => {
    expect(await evaluate('setInterval(() => {}, 1000)').stop()).toMatchObject({
      code: null,
      signal: 'SIGTERM',
    })
    const deaf = evaluate(
      'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("ready")',
    )
    await deaf.waitForLine(/ready/)
    expect(await deaf.stop({ timeoutMs: 50 })).toMatchObject({ code: null, signal: 'SIGKILL' })
  })

  it('tells of the end of a program whose child holds its output open, and lets the child be', async () => {
    const program = evaluate(`${WITH_CHILD}; child.unref()`)
    const childPid = Number((await program.waitForLine(/child (\d+)/))[1])
    expect(await program.exit).toMatchObject({ code: 0 })
    expect(isAlive(childPid)).toBe(true)
    program.kill()
    await waitFor(() => !isAlive(childPid))
  })

  let left: Program | undefined
  let leftChildPid = 0

  it('may be left running by a test', async () => {
    left = evaluate(`${WITH_CHILD}; setInterval(() => {}, 1000)`)
    leftChildPid = Number((await left.waitForLine(/child (\d+)/))[1])
    expect(isAlive(left.pid)).toBe(true)
  })

  it('has been killed with its children before the next test', async () => {
    expect(left?.hasEnded).toBe(true)
    await waitFor(() => !isAlive(leftChildPid))
  })
})

describe('startNode', () => {
  it('runs a script with arguments for Node and for itself', async () => {
    const { stdout, code } = await startNode('-', ['a'], {
      nodeArgs: ['--no-warnings'],
      input: 'console.log(process.execArgv, process.argv[2])',
    }).exit
    expect({ stdout, code }).toStrictEqual({ stdout: "[ '--no-warnings' ] a\n", code: 0 })
  })
})

describe('runProgram', () => {
  it('runs a program to its end', async () => {
    expect(await runProgram('cat', [], { input: 'x' })).toStrictEqual({
      code: 0,
      signal: null,
      stdout: 'x',
      stderr: '',
    })
  })

  it('kills a program that takes too long', async () => {
    expect(await runProgram('sleep', ['1000'], { timeoutMs: 50 })).toMatchObject({ signal: 'SIGKILL' })
  })
})
