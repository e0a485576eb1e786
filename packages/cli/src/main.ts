/** pixlogs, the command line of the log server. */
import { Command } from 'commander'

await new Command('pixlogs').description('Ask the log of your services').parseAsync()
