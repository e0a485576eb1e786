// A small real program for the launcher to start: says that it is ready, notes in a file what happens to it, ends as told.
// Usage: node service.mjs NAME JOURNAL [behaviour…]
//   port=N       listens on 127.0.0.1:N, answers 200
//   silent       never says that it is ready
//   dies         ends with status 3 before it is ready
//   dies-until=F ends with status 3 until the file F exists
//   deaf         ignores SIGTERM
//   child        starts a child of its own in its group, which ignores SIGTERM
//   server=FILE  starts a server in a session of its own, as PostgreSQL does, and writes its pid to FILE
//   at=FOLDER    nothing; stands in the command line as PostgreSQL's data folder does
//   slow=N       takes N ms to end on SIGTERM
//   says=TEXT    prints the text before it is ready
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'

const [name, journal, ...behaviours] = process.argv.slice(2)
const has = (word) => behaviours.includes(word)
const value = (key) => behaviours.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1)
const note = (event) => appendFileSync(journal, `${event} ${name} ${process.pid}\n`)

note('start')
if (value('says') !== undefined) process.stdout.write(`${value('says')}\n`)
if (has('dies') || (value('dies-until') !== undefined && !existsSync(value('dies-until')))) {
  process.stderr.write('something is wrong\n')
  process.exit(3)
}
process.on('SIGTERM', () => {
  note('term')
  if (has('deaf')) return
  setTimeout(
    () => {
      note('end')
      process.exit(0)
    },
    Number(value('slow') ?? 0),
  )
})
if (has('child')) {
  const child = spawn(process.execPath, [import.meta.filename, `${name}-child`, journal, 'deaf', 'silent'], {
    stdio: 'ignore',
  })
  child.unref()
}
if (value('server') !== undefined) {
  const options = { stdio: 'ignore', detached: true }
  const words = [`${name}-server`, journal, 'silent', 'deaf', `at=${path.dirname(value('server'))}`]
  const server = spawn(process.execPath, [import.meta.filename, ...words], options)
  server.unref()
  writeFileSync(value('server'), `${server.pid}\n`)
}
// PostgreSQL's fast and its immediate shutdown; neither takes no time at all.
for (const signal of ['SIGINT', 'SIGQUIT']) {
  process.on(signal, () => {
    note(signal)
    setTimeout(() => process.exit(0), 300)
  })
}
setInterval(() => {}, 60_000)
if (value('port') !== undefined) {
  const server = createServer((_request, response) => response.end('ok'))
  await new Promise((resolve) => server.listen(Number(value('port')), '127.0.0.1', resolve))
}
if (!has('silent')) {
  note('ready')
  process.stdout.write(`READY ${JSON.stringify({ name, secret: 'swordfish' })}\n`)
}
