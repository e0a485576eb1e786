// Tests of an application, run by node:test: the records of each test are its own.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { getLogger } from '@pixsim7/logging'
import { collectLogsOfEachTest } from '@pixsim7/logging/testing'

const logs = collectLogsOfEachTest({ beforeEach, afterEach })
const logger = getLogger('job_processor')

test('first', async () => {
  logger.info('First', { password: 'hunter2' })
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(logs.messages, ['First'])
  assert.equal(logs.records[0].fields.password, '[redacted]')
})

test('second', () => {
  assert.deepEqual(logs.records, [])
  logger.debug('Second')
  assert.deepEqual(logs.messages, ['Second'])
})
