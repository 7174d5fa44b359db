import type { Deps } from '../deps.ts'

/** Starts the background work of every domain. @returns what stops its timers. */
export async function startWork(deps: Deps): Promise<() => void> {
  void deps
  return () => {}
}
