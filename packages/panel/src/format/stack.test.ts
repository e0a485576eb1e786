import { expect, it } from 'vitest'
import { exceptionName, stackLineKind } from './stack.ts'

it.each([
  ['ProviderTimeoutError: no answer', 'head'],
  ['  [cause]: ConnectTimeoutError: Connect Timeout', 'head'],
  ['    at JobProcessor.submit (/srv/app/src/worker/job-processor.ts:87:22)', 'own'],
  ['    at async runTask (/srv/app/node_modules/graphile-worker/dist/worker.js:201:17)', 'foreign'],
  ['    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)', 'foreign'],
  ['    at Array.map (<anonymous>)', 'foreign'],
  ['  File "/srv/app/jobs.py", line 3, in run', 'own'],
  ['  File "/usr/lib/python3.11/asyncio/tasks.py", line 3, in run', 'foreign'],
])('knows the line "%s" as %s', (line, kind) => {
  expect(stackLineKind(line)).toBe(kind)
})

it.each([
  ['TypeError: x is not a function\n    at f (a.ts:1:2)', 'TypeError'],
  ['AggregateError\n    at f', 'AggregateError'],
  ['Error [ERR_BAD]: no\n    at f', 'Error'],
  [
    'Traceback (most recent call last):\n  File "a.py", line 1, in f\nsqlalchemy.exc.OperationalError: lost\n',
    'sqlalchemy.exc.OperationalError',
  ],
  ['something went wrong', 'exception'],
  ['', 'exception'],
])('takes the name of an exception from its text', (text, name) => {
  expect(exceptionName(text)).toBe(name)
})
