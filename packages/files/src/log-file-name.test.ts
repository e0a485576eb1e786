import { describe, expect, it } from 'vitest'
import { parseLogFileName } from './log-file-name.ts'

describe('parseLogFileName', () => {
  it.each([
    ['data/logs/backend.log', 'backend', null, null],
    ['backend.log.1', 'backend', '1', null],
    ['backend.log.2.gz', 'backend', '2', 'gz'],
    ['backend.log.20251111', 'backend', '20251111', null],
    ['backend.log.20251111.gz', 'backend', '20251111', 'gz'],
    ['backend.log-20251111', 'backend', '20251111', null],
    ['backend.log-20251111.gz', 'backend', '20251111', 'gz'],
    ['backend.log-2025111122.zst', 'backend', '2025111122', 'zst'],
    ['backend.log-20251111-1762900245', 'backend', '20251111-1762900245', null],
    ['backend.log.2025-11-11T22-30-45Z.2.gz', 'backend', '2025-11-11T22-30-45Z.2', 'gz'],
    ['backend.log.gz', 'backend', null, 'gz'],
    ['backend.log.old', 'backend', 'old', null],
    ['backend.log-2026112603.backup', 'backend', '2026112603', null],
    ['worker-2.log', 'worker-2', null, null],
    ['worker-2.log.1.xz', 'worker-2', '1', 'xz'],
    ['my.app.log', 'my.app', null, null],
    ['app.2025-11-11.log', 'app', null, null],
    ['app-20251111.3.log.bz2', 'app', null, 'bz2'],
    ['app.jsonl', 'app', null, null],
    ['app.json.1', 'app', '1', null],
    ['access_log', 'access_log', null, null],
    ['syslog.2.gz', 'syslog', '2', 'gz'],
    ['über uns.log', 'über uns', null, null],
    ['-rf.log', '-rf', null, null],
  ])('reads %s as component %s, rotation %s, compression %s', (file, component, rotation, compression) => {
    expect(parseLogFileName(file)).toStrictEqual({ component, rotation, compression })
  })

  it.each([
    '.follower.json',
    'logs/.backend.log.swp',
    '.log',
    '',
    'backend.log~',
    'backend.log.1.gz.tmp',
    'backend.log.lock',
    'backend.log.bak',
    '2025.pid',
    '..',
  ])('takes %j for no log', (file) => {
    expect(parseLogFileName(file)).toBeUndefined()
  })

  it('answers in time to a name of any length', () => {
    for (const unit of ['.log', '.1', '-2025-11-11', '1', '.gz', '-']) {
      expect(() => parseLogFileName(`a${unit.repeat(50_000)}`)).not.toThrow()
    }
  })
})
