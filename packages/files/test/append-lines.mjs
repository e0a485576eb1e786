// Appends `count` numbered lines of various lengths to a file, several per write, as one of several writers.
import { AppendFile } from '@pixsim7/files'

const [path, writer, count] = process.argv.slice(2)
const file = new AppendFile(path)
for (let number = 0; number < Number(count);) {
  let lines = ''
  for (let inBatch = 0; inBatch <= number % 7 && number < Number(count); inBatch += 1, number += 1) {
    // From short ones to some beyond a page of memory, each telling its own length.
    const body = String(number % 10).repeat((number * 7919) % 9000)
    lines += `${writer} ${number} ${body.length} ${body}\n`
  }
  if (number % 3 === 0) await file.write(Buffer.from(lines))
  else file.writeSync(Buffer.from(lines))
}
file.close()
