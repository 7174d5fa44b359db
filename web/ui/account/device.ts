import { useSyncExternalStore } from 'react'

/** Returns whether the device is used by touch: texts then speak of fingers rather than of keys. */
export function isTouchDevice(): boolean {
  return matchMedia('(pointer: coarse)').matches
}

/** On paper, which may be as narrow, nothing is folded. */
const narrow = 'screen and (max-width: 760px)'

function watchNarrow(listener: () => void): () => void {
  const query = matchMedia(narrow)
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

/** Returns whether the screen is as narrow as a phone. */
export function useNarrow(): boolean {
  return useSyncExternalStore(watchNarrow, () => matchMedia(narrow).matches)
}
