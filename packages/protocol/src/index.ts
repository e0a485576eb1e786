export * from './schemas.ts'
export * from './tail.ts'
