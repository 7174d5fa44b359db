import { useEffect, useState } from 'react'

/**
 * Returns a value as it was when it last stayed the same for a time: what is typed, once the typing pauses. Smaller than
 * `useDebouncedValue` of Mantine, which the first load of the alert room has no room for.
 * @param ms the time, in milliseconds
 */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}
