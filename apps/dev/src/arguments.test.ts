import { describe, expect, it } from 'vitest'
import { parseArguments } from './arguments.ts'

describe('the command line', () => {
  it.each([
    [[], {}, { hasDemo: true, wantsHelp: false }],
    [['--no-demo'], {}, { hasDemo: false, wantsHelp: false }],
    [['--help'], {}, { hasDemo: true, wantsHelp: true }],
    [['-h', '--no-demo'], {}, { hasDemo: false, wantsHelp: true }],
    // `npm start --no-demo`, without the `--`.
    [[], { npm_config_demo: '' }, { hasDemo: false, wantsHelp: false }],
    [[], { npm_config_demo: 'false' }, { hasDemo: false, wantsHelp: false }],
    [[], { npm_config_demo: 'true' }, { hasDemo: true, wantsHelp: false }],
  ])('%j with %j is %j', (args, environment, expected) => {
    expect(parseArguments(args, environment)).toEqual(expected)
  })

  it('refuses what it does not know, all of it at once', () => {
    expect(() => parseArguments(['--no-demo', '--port', '9'], {})).toThrow('Unknown arguments: --port 9')
    expect(() => parseArguments(['start'], {})).toThrow(
      expect.objectContaining({ code: 'ARGUMENTS_INVALID' }),
    )
  })
})
