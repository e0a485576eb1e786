// Tells what the set-up is doing and for how long: in place on a terminal, else a line now and then.

const TERMINAL_EVERY_MS = 1000
const PLAIN_EVERY_MS = 30_000

/**
 * Runs `work` under the heading `title` ("Installing dependencies"), showing the seconds gone by; prints `done` with
 * the total at the end. Returns what `work` returns; an error passes through.
 */
export async function step(title, done, work) {
  const out = process.stderr
  const inPlace = out.isTTY === true && process.env.TERM !== 'dumb'
  const startedAt = performance.now()
  const seconds = () => Math.round((performance.now() - startedAt) / 1000)
  out.write(inPlace ? `${title} …` : `${title} …\n`)
  const show = () =>
    out.write(inPlace ? `\r\x1b[K${title} … ${seconds()} s` : `… still at it after ${seconds()} s\n`)
  const timer = setInterval(show, inPlace ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS)
  let end = ''
  try {
    const result = await work()
    end = `${done} in ${seconds()} s.\n`
    return result
  } finally {
    clearInterval(timer)
    out.write(inPlace ? `\r\x1b[K${end}` : end)
  }
}
