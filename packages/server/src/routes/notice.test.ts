import type { FileHealth, StoreHealth } from '@pixsim7/store'
import { expect, test } from 'vitest'
import { noticeOf } from './notice.ts'

const MEGABYTE = 1024 * 1024

function health(...files: Partial<FileHealth>[]): StoreHealth {
  return {
    status: 'ok',
    engine: { name: 'chdb', version: '1', pid: 1, restarts: 0, residentBytes: 1, lastError: null },
    rows: 1,
    files: files.map((file) => ({
      path: '/var/log/a.log',
      component: 'a',
      sizeBytes: 0,
      offsetBytes: 0,
      lagBytes: 0,
      lines: 0,
      rows: 0,
      continuationLines: 0,
      badLines: 0,
      copies: 0,
      cutLines: 0,
      lostBytes: 0,
      lastError: null,
      ...file,
    })),
  }
}

test.each<[string, StoreHealth | undefined, string | null]>([
  ['no store', undefined, null],
  ['no files', health(), null],
  ['files read to their end', health({}, {}), null],
  ['a little on its way', health({ lagBytes: MEGABYTE }), null],
  [
    'one file behind',
    health({ lagBytes: 100 * MEGABYTE }, {}),
    '100 MB of one file are not read yet and missing here.',
  ],
  [
    'several behind',
    health({ lagBytes: 100 * MEGABYTE }, { lagBytes: 28 * MEGABYTE }, { lagBytes: 1 }),
    '128 MB of 2 files are not read yet and missing here.',
  ],
  [
    'one unreadable',
    health({ lastError: 'EACCES' }),
    'One log file cannot be read at the moment; health tells which.',
  ],
  [
    'several unreadable',
    health({ lastError: 'EACCES' }, { lastError: 'EIO' }),
    '2 log files cannot be read at the moment; health tells which.',
  ],
])('%s', (_name, given, notice) => {
  expect(noticeOf(given)).toBe(notice)
})
