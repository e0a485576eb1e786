// A host of a store, to be killed: opens it, follows, and prints one JSON line per second half with its health.
import { openStore } from '@pixsim7/store'

const [dataDir, pattern] = process.argv.slice(2)
const store = await openStore({ dataDir, files: [pattern], memoryBytes: 512 * 1024 ** 2 })
const print = () => {
  const { engine, rows, files } = store.health()
  process.stdout.write(
    `${JSON.stringify({ pid: engine.pid, rows, lag: files.reduce((sum, file) => sum + file.lagBytes, 0), files: files.length })}\n`,
  )
}
print()
setInterval(print, 20)
