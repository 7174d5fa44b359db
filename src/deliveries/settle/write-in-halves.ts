/**
 * True when the database refused a statement because of its values: data exceptions, constraints, sizes (SQLSTATE
 * classes 22, 23 and 54). Another try would fail the same way.
 */
export function isRefusedValue(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^(?:22|23|54)...$/.test(code)
}

/**
 * Runs `work` on all items at once; when the database refuses a value, on each half, down to the single item, which
 * goes to `refused`. A failed `work` must leave nothing done.
 * @throws any other error of `work`.
 */
export async function writeInHalves<T>(
  items: readonly T[],
  work: (items: readonly T[]) => Promise<void>,
  refused: (item: T, error: unknown) => Promise<void>,
): Promise<void> {
  if (items.length === 0) return
  try {
    await work(items)
  } catch (error) {
    if (!isRefusedValue(error)) throw error
    const [first] = items as [T]
    if (items.length === 1) return refused(first, error)
    const middle = items.length >> 1
    await writeInHalves(items.slice(0, middle), work, refused)
    await writeInHalves(items.slice(middle), work, refused)
  }
}
