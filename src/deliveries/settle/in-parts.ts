/**
 * Whether the database refused a statement for what it was given: data exceptions, constraints, sizes (SQLSTATE classes
 * 22, 23 and 54). Another try would end the same.
 */
export function isOfValues(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^(?:22|23|54)...$/.test(code)
}

/**
 * Does `work` on all items at once; when it throws for what one of them holds, on each half, down to the single one,
 * which goes to `refused`. Nothing of a failed `work` may have been done.
 * @throws what else `work` throws.
 */
export async function inParts<T>(
  items: readonly T[],
  work: (items: readonly T[]) => Promise<void>,
  refused: (item: T, error: unknown) => Promise<void>,
): Promise<void> {
  if (items.length === 0) return
  try {
    await work(items)
  } catch (error) {
    if (!isOfValues(error)) throw error
    const [first] = items as [T]
    if (items.length === 1) return refused(first, error)
    const middle = items.length >> 1
    await inParts(items.slice(0, middle), work, refused)
    await inParts(items.slice(middle), work, refused)
  }
}
