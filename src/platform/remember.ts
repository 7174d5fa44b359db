/**
 * The same function, asked once for a key within a time, however many ask; what failed is asked again.
 * @param now milliseconds since the epoch
 */
export function rememberFor<T>(
  ms: number,
  now: () => number,
  ask: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const known = new Map<string, { readonly until: number; readonly answer: Promise<T> }>()
  return (key) => {
    const last = known.get(key)
    if (last !== undefined && now() < last.until) return last.answer
    const fresh = { until: now() + ms, answer: ask(key) }
    known.set(key, fresh)
    fresh.answer.catch(() => {
      if (known.get(key) === fresh) known.delete(key)
    })
    return fresh.answer
  }
}
