import { type QueryClient, queryOptions } from '@tanstack/react-query'

/** `asked`: the user has locked the session, and the server has not confirmed it yet. */
type LockState = 'open' | 'asked' | 'locked'

const KEPT_AS = 'lock'

/** Whether the screens of the session are hidden until its user has unlocked it. */
export const lockQuery = queryOptions({
  queryKey: ['locked'],
  queryFn: readLock,
  initialData: readLock,
  staleTime: Number.POSITIVE_INFINITY,
})

/** Changes whether the screens are hidden. A lock that is not confirmed outlasts a reload of the tab, so that it is sent again. */
export function setLock(client: QueryClient, state: LockState): void {
  client.setQueryData(lockQuery.queryKey, state)
  try {
    if (state === 'asked') sessionStorage.setItem(KEPT_AS, state)
    else sessionStorage.removeItem(KEPT_AS)
  } catch {
    // The storage is denied: a reload before the confirmation loses the lock.
  }
}

function readLock(): LockState {
  try {
    return sessionStorage.getItem(KEPT_AS) === 'asked' ? 'asked' : 'open'
  } catch {
    return 'open'
  }
}
