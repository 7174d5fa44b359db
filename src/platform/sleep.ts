/**
 * Resolves after the time given, or as soon as the signal aborts.
 * @param options `unref`: whether the process may end meanwhile
 */
export function sleep(
  ms: number,
  { signal, unref = false }: { readonly signal?: AbortSignal; readonly unref?: boolean } = {},
): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const timer = setTimeout(done, ms)
    if (unref) timer.unref()
    function done() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done)
  })
}
