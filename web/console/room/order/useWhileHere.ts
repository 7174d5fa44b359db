import { useEffect, useRef } from 'react'
import type { InDoubt } from '../../../api/doubt.ts'

/** Returns a function that ends the waiting for the result of an order when the room is left. */
export function useWhileHere(): (doubt: InDoubt) => InDoubt {
  /** The room is unmounted: the next component that shows the draft asks for the result of its order. */
  const gone = useRef(new AbortController())
  useEffect(() => {
    gone.current = new AbortController()
    return () => gone.current.abort()
  }, [])
  return ({ onDoubt, signal }) => ({
    onDoubt,
    signal: signal ? AbortSignal.any([signal, gone.current.signal]) : gone.current.signal,
  })
}
