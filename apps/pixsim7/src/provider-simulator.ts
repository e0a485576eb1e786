/** Starts the provider simulator as a process: `npm run provider`, development only. */
import { LoggingError } from '@pixsim7/logging'
import { answerArguments } from './program-arguments.ts'
import { readSimulatorSettings, SIMULATOR_SETTINGS } from './provider-simulator/settings.ts'
import { startSimulator } from './provider-simulator/simulator.ts'

const PURPOSE = 'The provider simulator: plays Pixverse on this machine. It reads no .env when started alone.'

async function main(): Promise<number> {
  try {
    const settings = readSimulatorSettings(process.env)
    const stopped = new Promise<void>((resolve) => {
      process.once('SIGTERM', () => resolve())
      process.once('SIGINT', () => resolve())
    })
    const simulator = await startSimulator(settings)
    process.stdout.write(
      `Provider simulator ready: PIXVERSE_BASE_URL=${simulator.baseUrl} (seed ${settings.seed})\n`,
    )
    await stopped
    await simulator.close()
    return 0
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    return 1
  }
}

function explain(error: unknown): string {
  if (error instanceof LoggingError) return error.message
  const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number }
  if (code === 'EADDRINUSE') {
    return `The provider simulator cannot listen on port ${port}: another process has it. Stop that one or set PROVIDER_PORT.`
  }
  return `The provider simulator cannot start: ${error instanceof Error ? error.message : String(error)}`
}

if (!answerArguments(PURPOSE, SIMULATOR_SETTINGS)) process.exitCode = await main()
