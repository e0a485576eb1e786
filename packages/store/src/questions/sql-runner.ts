import type { QueryOptions } from '../log-store.ts'

/** What questions need of an engine: the rows of a SELECT. Rejects with a StoreError. */
export interface SqlRunner {
  rows<Row>(sql: string, options?: QueryOptions): Promise<Row[]>
}
