export type * from './log-store.ts'
