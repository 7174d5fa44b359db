import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useLayoutEffect, useRef } from 'react'
import type { AlertView, NearAlert, NearQuery } from '../../../../src/alerts/contract.ts'
import type { ClaimView, ReportView } from '../../../../src/reports/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { serverNow } from '../../../api/clock.ts'
import { nearQuery, waitingQuery } from '../../../api/queries.ts'
import { type Action, useAction } from '../../../api/useAction.ts'
import { useAtTime } from '../../../ui/format/now.ts'
import { useSettled } from '../../../ui/useSettled.ts'
import { heldByOther, useClaim } from '../call/claims.ts'
import { unreferencedText } from '../order/sent.ts'
import { type Clash, type Saved, useAutosave } from '../text/autosave.ts'
import type { Draft } from '../text/draft.ts'
import { type Missing, occurredAt } from '../text/message.ts'
import { alikeCalls } from './notices/alike.ts'

/** Delay after the last key before typed words are compared. */
const WORDS_AFTER_MS = 700

export interface Desk {
  readonly saved: Saved
  readonly clash: Clash | null
  readonly keepMine: () => void
  /** Settles when no save is in progress. */
  readonly idle: () => Promise<void>
  /** The user who took over the report in the room. */
  readonly lostTo: ClaimView | null
  readonly heldByOther: (report: ReportView) => ClaimView | null
  readonly claim: (id: string, take: boolean) => Promise<ReportView>
  /** Takes the report in the room back from that user. */
  readonly takeBack: Action<ReportView, string>
  /** Removes the note of a call that was recorded as a report or given up. */
  readonly forgetNote: () => void
  readonly near: readonly NearAlert[]
  /** Calls that wait and look like the one being entered. */
  readonly alike: readonly ReportView[]
  readonly nearTicked: boolean
  /** The alerts of the report in the room that were rejected. */
  readonly rejection: ReportView['rejection']
  /** Whether the message has exactly the text of the rejected alert. */
  readonly repeatsRejected: boolean
  readonly missing: readonly Missing[]
}

/** Manages the data that the alert room shares with other users: saves, claims, and alerts about the same incident. */
export function useDesk(props: {
  scheme: SchemeView
  userId: string
  current: string
  draft: Draft
  text: string
  /** Whether a dialog is open, whose content must not change. */
  dialog: boolean
  settle: (key: string, patch: Partial<Draft>) => void
  open: (report: ReportView, alert: AlertView) => void
}): Desk {
  const { scheme, userId, current, draft, text, settle } = props
  const client = useQueryClient()
  const { report } = draft
  // The note may be saved and its call recorded before the next rendering, which would be too late for `forgetNote`.
  const shown = useRef(current)
  const note = useRef(draft.note)
  useLayoutEffect(() => {
    shown.current = current
    note.current = draft.note
  }, [current, draft.note])
  const settleDraft = (key: string, patch: Partial<Draft>) => {
    if (patch.note !== undefined && key === shown.current) note.current = patch.note
    settle(key, patch)
  }

  const waiting = useQuery(waitingQuery(scheme.id)).data
  const fresh = waiting?.find((one) => one.id === report?.id)
  const isLost = useAtTime((now) => fresh !== undefined && heldByOther(fresh, userId, now) !== null)
  const lostTo = isLost && fresh !== undefined ? fresh.claim : null
  const { claim } = useClaim(scheme.id, report?.id ?? null, lostTo === null)
  const takeBack = useAction((id: string) => claim(id, true))

  const autosave = useAutosave({
    schemeId: scheme.id,
    current,
    draft,
    text,
    paused: props.dialog,
    lost: lostTo !== null,
    settle: settleDraft,
    adopt: (alert) => report !== null && props.open(report, alert),
  })

  const words = useSettled(text.slice(0, 1000), WORDS_AFTER_MS)
  const near = useQuery(nearQuery(scheme.id, nearQueryOf(draft, words))).data ?? []
  // A call whose alert is listed already is not listed twice.
  const alike = alikeCalls(draft, waiting ?? [], new Date(serverNow())).filter(
    (one) => !near.some(({ id }) => id === one.alert?.id),
  )
  const toConfirm = near.filter((one) => one.mustConfirm)

  const rejection = fresh?.rejection ?? report?.rejection ?? null
  const asSent = (words: string) => unreferencedText({ text: words, exercise: draft.exercise })

  const forget = async () => {
    const stored = note.current?.id
    // A save in progress would store the note again after its removal.
    const ids = new Set(await autosave.abandon())
    if (stored !== undefined) ids.add(stored)
    if (ids.size === 0) return
    const remove = (id: string) =>
      callApi('deleteCallNote', { params: { scheme: scheme.id, id } }).catch(() => {})
    await Promise.all([...ids].map(remove))
    await client.invalidateQueries({ queryKey: ['call-notes', scheme.id] })
  }

  const missing: Missing[] = []
  if (lostTo !== null) missing.push('claim')
  if (autosave.clash !== null) missing.push('clash')

  return {
    ...autosave,
    // Of the two texts, only the user's own is not on the server.
    saved: autosave.clash === null ? autosave.saved : { kind: 'kept' },
    lostTo,
    heldByOther: (one) => heldByOther(one, userId, serverNow()),
    claim,
    takeBack,
    forgetNote: () => void forget(),
    near,
    alike,
    nearTicked: toConfirm.every((one) => draft.confirmedNear.includes(one.id)),
    rejection,
    repeatsRejected: rejection !== null && asSent(text) === asSent(rejection.text),
    missing,
  }
}

/** Returns what is known of the incident, once it is enough for a comparison. */
function nearQueryOf(draft: Draft, words: string): NearQuery | null {
  const { report, categoryCode, commune } = draft
  if (report !== null) return { reportId: report.id, words }
  if (categoryCode === null || commune === null) return null
  return {
    categoryCode,
    communeCode: commune.code,
    occurredAt: new Date(occurredAt(draft)).toISOString(),
    exercise: draft.exercise,
    words,
  }
}
