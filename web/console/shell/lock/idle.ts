import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { MINUTE_MS } from '../../../../src/message/clock.ts'
import { callApi } from '../../../api/client.ts'
import { checkSession } from '../../../api/ended.ts'
import { lockQuery, setLock } from '../../../api/lock.ts'
import { isRefusal } from '../../../api/problems.ts'
import { sessionQuery } from '../../../api/queries.ts'

/** Events that count as activity of the user. Requests and streams of the screen itself do not. */
const ACTIVITY = ['keydown', 'pointerdown', 'wheel'] as const
/** Activity is reported at most this often, and four times within the limit. */
const REPORT_EVERY_MS = MINUTE_MS
/** Time between two requests to the server once this tab was idle for the limit: the user may be active in another one. */
const CHECK_EVERY_MS = 15_000

/** Returns whether the screens are hidden, also before any was opened with a locked session. */
export function useIsLocked(): boolean {
  const lock = useQuery(lockQuery).data
  const { error } = useQuery(sessionQuery)
  return lock !== 'open' || isRefusal(error, 'session_locked')
}

/** Returns the function that locks the session. It hides the screens at once; the lock screen sends the request. */
export function useLock(): () => void {
  const client = useQueryClient()
  return () => setLock(client, 'asked')
}

/** Reports the activity of the user, and hides the screens once the server has locked the session. */
export function useIdleLimit(): void {
  const client = useQueryClient()
  const minutes = useQuery(sessionQuery).data?.idleMinutes ?? null
  const isLocked = useQuery(lockQuery).data !== 'open'
  useEffect(() => {
    if (minutes === null || isLocked) return
    const limitMs = minutes * MINUTE_MS
    let activeMs = Date.now()
    let reportedMs = 0
    const report = () => {
      activeMs = Date.now()
      if (activeMs - reportedMs < Math.min(REPORT_EVERY_MS, limitMs / 4)) return
      reportedMs = activeMs
      callApi('reportActivity').catch((error: unknown) => {
        if (isRefusal(error, 'session_locked', 'not_signed_in')) checkSession(client)
        // The next activity reports itself.
        else reportedMs = 0
      })
    }
    for (const type of ACTIVITY) document.addEventListener(type, report, { capture: true, passive: true })
    const timer = setInterval(
      () => {
        if (Date.now() - activeMs > limitMs) checkSession(client)
      },
      Math.min(CHECK_EVERY_MS, limitMs),
    )
    return () => {
      clearInterval(timer)
      for (const type of ACTIVITY) document.removeEventListener(type, report, { capture: true })
    }
  }, [client, minutes, isLocked])
}
