export const DATABASE = 'pixlogs'
export const LOGS_TABLE = `${DATABASE}.logs`
export const FILES_TABLE = `${DATABASE}.files`
