import type { Migration } from 'kysely'
import { initialMigration } from './migration-0001-initial.ts'

/** All migrations by name; they run in the order of their names, each once. A landed one is never edited: add the next. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-initial': initialMigration,
}
