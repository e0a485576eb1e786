// Tries to open a file for appending and prints how that went.
import { AppendFile } from '@pixsim7/files'

try {
  new AppendFile(process.argv[2]).close()
  console.log('opened')
} catch (error) {
  console.log(error.code, error.systemCode, error.message)
}
