/**
 * What the specification gives to be pasted into a shell or a file, word for word, in its order. commands.test.ts holds this
 * list equal to the specification itself where that is at hand, and runs it.
 */

/** A line of a code block, or a whole block, and the heading it stands under. */
export interface Quotation {
  readonly heading: string
  readonly text: string
}

function under(heading: string, ...commands: string[]): Quotation[] {
  return commands.map((text) => ({ heading, text }))
}

/** Each line that is a command by itself. */
export const COMMANDS = [
  ...under(
    '**1. backend.log**',
    'tail -f data/logs/backend.log',
    'grep ERROR data/logs/backend.log',
    'grep "user_id.*123" data/logs/backend.log',
  ),
  ...under(
    '**2. worker.log**',
    'tail -f data/logs/worker.log',
    'grep "job_id.*456" data/logs/worker.log',
    'grep "poll_job_statuses" data/logs/worker.log',
  ),
  ...under(
    '**3. errors.log**',
    'tail -f data/logs/errors.log',
    'grep $(date +%Y-%m-%d) data/logs/errors.log | wc -l',
    'grep CRITICAL data/logs/errors.log',
  ),
  ...under(
    'Common Tasks',
    'grep "job_id.*123" data/logs/errors.log',
    'tail -f data/logs/worker.log | grep process_job',
    'grep "$(date +%Y-%m-%d\\ %H:%M)" data/logs/backend.log | wc -l',
    'grep "duration" data/logs/backend.log | grep -E "[0-9]{3,}"',
  ),
] as const satisfies readonly Quotation[]

/** The two commands that start a component of the Python service; ours are `npm run backend` and `npm run worker`. */
export const START_BLOCKS: readonly Quotation[] = under(
  'Starting Components',
  `cd G:/code/pixsim7
PYTHONPATH=G:/code/pixsim7 python -m uvicorn pixsim7_backend.main:app --host 0.0.0.0 --port 8001
`,
  `cd G:/code/pixsim7
PYTHONPATH=G:/code/pixsim7 arq pixsim7_backend.workers.arq_worker.WorkerSettings
`,
)

/** The `.env` file. */
export const ENVIRONMENT_BLOCK: Quotation = {
  heading: 'Environment Variables (.env)',
  text: `# Backend API logs
LOG_FILE=data/logs/backend.log

# Worker logs (ARQ)
WORKER_LOG_FILE=data/logs/worker.log

# Error logs (all components)
ERROR_LOG_FILE=data/logs/errors.log

# Log level
LOG_LEVEL=INFO  # DEBUG, INFO, WARNING, ERROR, CRITICAL

# Format (JSON for production, plain for development)
JSON_LOGS=false
`,
}

/** `/etc/logrotate.d/pixsim7`. */
export const LOGROTATE_BLOCK: Quotation = {
  heading: 'Using logrotate (Linux)',
  text: `/path/to/pixsim7/data/logs/*.log {
    daily
    rotate 14
    compress
    delaycompress
    notifempty
    create 0644 pixsim pixsim
    sharedscripts
    postrotate
        # Reload services after rotation
        systemctl reload pixsim7-backend
        systemctl reload pixsim7-worker
    endscript
}
`,
}

/** A script for the shell. */
export const MANUAL_ROTATION_BLOCK: Quotation = {
  heading: 'Manual Rotation',
  text: `# Rotate logs manually
cd data/logs
mv backend.log backend.log.$(date +%Y%m%d)
mv worker.log worker.log.$(date +%Y%m%d)
mv errors.log errors.log.$(date +%Y%m%d)

# Compress old logs
gzip backend.log.*
gzip worker.log.*
gzip errors.log.*

# Restart services to create new files
systemctl restart pixsim7-backend
systemctl restart pixsim7-worker
`,
}

/** Any command of the list by its text, so that a test names it and the compiler knows that it exists. */
export type Command = (typeof COMMANDS)[number]['text']
