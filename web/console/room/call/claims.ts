import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import type { ClaimView, ReportView } from '../../../../src/reports/contract.ts'
import { callApi } from '../../../api/client.ts'

/** Minimum time between two signs of activity. */
const BEAT_MS = 60_000

/** Returns who else has claimed a report at an instant. */
export function heldByOther(report: ReportView, userId: string, now: number): ClaimView | null {
  const { claim } = report
  return claim !== null && claim.userId !== userId && Date.parse(claim.until) > now ? claim : null
}

/**
 * Renews the user's claim on the report in the room while they work on it, and releases it when they leave.
 * @param reportId null for a new call, which nobody else can claim
 * @param mine false while another user has it: it is not taken over unasked
 */
export function useClaim(
  schemeId: string,
  reportId: string | null,
  mine: boolean,
): { claim: (id: string, take: boolean) => Promise<ReportView> } {
  const client = useQueryClient()
  const beaten = useRef<{ id: string; at: number } | null>(null)

  const claim = useCallback(
    async (id: string, take: boolean) => {
      beaten.current = { id, at: Date.now() }
      const report = await callApi('claimReport', { params: { scheme: schemeId, id }, body: { take } })
      void client.invalidateQueries({ queryKey: ['reports', schemeId] })
      return report
    },
    [client, schemeId],
  )

  useEffect(() => {
    if (reportId === null) return
    const leave = () => {
      void callApi('releaseReport', { params: { scheme: schemeId, id: reportId } }).catch(() => {})
    }
    return leave
  }, [schemeId, reportId])

  useEffect(() => {
    if (reportId === null || !mine) return
    const active = () => {
      const last = beaten.current
      if (last?.id === reportId && Date.now() - last.at < BEAT_MS) return
      // The claim was lost or the server is unreachable: the list and the notice above the form show it.
      claim(reportId, false).catch(() => {})
    }
    active()
    for (const event of ['keydown', 'pointerdown'] as const) addEventListener(event, active)
    return () => {
      for (const event of ['keydown', 'pointerdown'] as const) removeEventListener(event, active)
    }
  }, [reportId, mine, claim])

  return { claim }
}
