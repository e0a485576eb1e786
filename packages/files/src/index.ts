export { AppendFile } from './append-file.ts'
export {
  FILES_ERROR_CODES,
  FilesError,
  FilesWriteError,
  systemCodeOf,
  type FilesErrorCode,
} from './files-error.ts'
export { parseLogFileName, type LogFileName } from './log-file-name.ts'
export { openLogFile, type FileModes, type OpenedLogFile } from './open-log-file.ts'
export { makeFolders } from './make-folders.ts'
