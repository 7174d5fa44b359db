/** Returns the paths of the values that differ. */
export function changedPaths(before: object, after: object, path = ''): string[] {
  return Object.entries(before).flatMap(([key, was]) => {
    const is = (after as Record<string, unknown>)[key]
    if (typeof was === 'object' && typeof is === 'object')
      return changedPaths(was, is as object, `${path}${key}.`)
    return was === is ? [] : [`${path}${key}`]
  })
}

/** Returns the settings in force with what the user changed since they were shown. */
export function keepTyped<Values extends object>(inForce: Values, base: Values, typed: Values): Values {
  const kept = structuredClone(inForce)
  for (const path of changedPaths(base, typed))
    copyAt(path.split('.'), typed, kept as Record<string, unknown>)
  return kept
}

/** Copies the value at a path from one object into another. */
export function copyAt(path: readonly string[], from: object, into: Record<string, unknown>): void {
  const [key = '', ...rest] = path
  const value = (from as Record<string, unknown>)[key]
  if (rest.length === 0) {
    into[key] = value
    return
  }
  const inner = (into[key] ?? {}) as Record<string, unknown>
  into[key] = inner
  copyAt(rest, value as object, inner)
}
