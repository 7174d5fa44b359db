/**
 * Wraps a function so that concurrent and repeated calls with one key share a call for `ms` milliseconds. Failures are not
 * cached.
 * @param now returns milliseconds since the epoch
 */
export function cacheFor<T>(
  ms: number,
  now: () => number,
  load: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const known = new Map<string, { readonly until: number; readonly answer: Promise<T> }>()
  return (key) => {
    const last = known.get(key)
    if (last !== undefined && now() < last.until) return last.answer
    const fresh = { until: now() + ms, answer: load(key) }
    known.set(key, fresh)
    fresh.answer.catch(() => {
      if (known.get(key) === fresh) known.delete(key)
    })
    return fresh.answer
  }
}
