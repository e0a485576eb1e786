import { availableParallelism } from 'node:os'
import { MAX_ANSWER_BYTES } from './protocol.ts'

const MIB = 1024 ** 2

/**
 * Command-line arguments of the engine: its defaults are those of a server that has the machine for itself.
 * Merges run inside this process all the time, so their pool is small.
 */
export function engineArguments(memoryBytes: number): string[] {
  const arguments_: Readonly<Record<string, number | string>> = {
    max_server_memory_usage: memoryBytes,
    mark_cache_size: Math.floor(memoryBytes / 16),
    index_mark_cache_size: Math.floor(memoryBytes / 32),
    uncompressed_cache_size: 0,
    mmap_cache_size: 0,
    background_pool_size: 2,
    background_schedule_pool_size: 2,
    background_common_pool_size: 2,
    background_message_broker_schedule_pool_size: 1,
    background_distributed_schedule_pool_size: 1,
    max_io_thread_pool_size: 16,
    tables_loader_foreground_pool_size: 2,
    tables_loader_background_pool_size: 1,
    async_load_databases: 0,
    logger_level: 'none',
  }
  return Object.entries(arguments_).map(
    ([name, value]) => `--${name.replace('logger_level', 'logger.level')}=${value}`,
  )
}

/** Settings of one question: half the memory and half the cores, so that following goes on beside it. */
export function queryLimits(memoryBytes: number, timeoutMs: number): string {
  const threads = Math.max(1, Math.floor(availableParallelism() / 2))
  return (
    `max_execution_time = ${(timeoutMs / 1000).toFixed(3)}, max_threads = ${threads}, ` +
    `max_memory_usage = ${Math.floor(memoryBytes / 2)}, ` +
    `max_result_bytes = ${MAX_ANSWER_BYTES}, result_overflow_mode = 'throw', ` +
    `max_query_size = ${4 * MIB}, output_format_json_quote_64bit_integers = 0, output_format_json_escape_forward_slashes = 0`
  )
}
