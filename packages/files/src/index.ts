export { AppendFile } from './append-file.ts'
export {
  FILES_ERROR_CODES,
  FilesError,
  FilesWriteError,
  systemCodeOf,
  type FilesErrorCode,
} from './files-error.ts'
export { isLoggerMatch, parseLevelRules, type LevelRule, type ParsedLevelRules } from './level-rules.ts'
export { readLevelRules, replaceLevelRules } from './levels-file.ts'
export { parseLogFileName, type LogFileName } from './log-file-name.ts'
export { openLogFile, type FileModes, type OpenedLogFile } from './open-log-file.ts'
export { makeFolders } from './make-folders.ts'
