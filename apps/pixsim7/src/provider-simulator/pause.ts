/** Resolves after `durationMs`; does not keep the process alive, so that a simulator with open requests ends at once. */
export function pauseFor(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs).unref())
}
