export { cleanUpAfter, type Lifetime } from './cleanup.ts'
export { tempDir, withTempDir } from './temp-dir.ts'
export { waitFor, type WaitOptions } from './wait-for.ts'
export { freePort } from './free-port.ts'
export {
  Program,
  runProgram,
  startNode,
  startProgram,
  type ProgramExit,
  type ProgramOptions,
} from './program.ts'
export { findTool, requireTool, type SkippableTest } from './require-tool.ts'
export { launchChromium } from './chromium.ts'
