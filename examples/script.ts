/** A script that imports videos and fails at one of them. */
import { closeLogging, formatStartup, getLogger, LogContext, setupLogging } from '@pixsim7/logging'

const setup = setupLogging({ component: 'script' })
console.log(formatStartup(setup))

const logger = getLogger('video_import')

async function importVideo(videoId: number): Promise<void> {
  logger.debug('Looking at video')
  if (videoId === 2) {
    throw new Error('cannot import', { cause: new TypeError('no codec') })
  }
  logger.info('Video imported', { duration_sec: 45, api_key: 'never seen in a file' })
}

for (const videoId of [1, 2, 3]) {
  await LogContext.run({ video_id: videoId }, async () => {
    try {
      await importVideo(videoId)
    } catch (error) {
      logger.error('Video not imported', { error })
    }
  })
}

await closeLogging()
