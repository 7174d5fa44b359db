import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpKind, FollowUpView, NewFollowUp } from '../../../../src/alerts/follow-up/contract.ts'
import { concernsFollowUp } from '../../../../src/alerts/follow-up/remarks.ts'
import { openingText } from '../../../../src/alerts/follow-up/texts.ts'
import { serverNow } from '../../../api/clock.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { type AuthorisationEntry, isComplete } from '../../approval/authorisation/AuthorisationFields.tsx'
import { partsAsSent } from '../../room/order/sent.ts'
import { useGuardOf } from '../../room/text/guard.ts'
import { MAX_PARTS } from '../../room/text/limits.ts'
import { usePassingOf } from '../../room/text/usePassing.ts'
import { useCurrent } from '../../shell/current.tsx'
import { followUpPreviewQuery } from '../queries.ts'
import { needsSecondPerson, waitingOf } from './followUp.ts'
import { type FollowUpDraft, keepDraft, keptDraft } from './followUpDraft.ts'

export type Writing = ReturnType<typeof useFollowUpDraft>

/**
 * Keeps what is written of a follow-up, and computes what follows from it: remarks, parts, authorisation, and whether it
 * may be sent. The draft stays in the tab until the follow-up is sent or submitted.
 * @param from a pending follow-up, opened to be changed
 */
export function useFollowUpDraft({
  kind,
  alert,
  from,
}: {
  readonly kind: FollowUpKind
  readonly alert: AlertView
  readonly from: FollowUpView | null
}) {
  const { scheme } = useCurrent()
  const opening = from?.text ?? openingText(kind, alert)
  const base = from === null ? null : `${from.id}.${from.version}`
  const [kept] = useState(() => keptDraft(scheme.id, alert.id, kind, base))
  const [isResumed, setResumed] = useState(kept !== null)
  const fresh: FollowUpDraft = { text: opening, isPrecise: from?.level === 'precise', word: {}, from: base }
  const [draft, setDraft] = useState<FollowUpDraft>(kept ?? fresh)
  const preview = useQuery(followUpPreviewQuery(scheme.id, alert.id))
  const whole = useQuery(schemeQuery(scheme.id)).data
  const { text, isPrecise } = draft
  const level = isPrecise ? 'precise' : 'established'
  const segments = partsAsSent({ ...alert, text })
  const { occurredAt } = alert
  const guard = useGuardOf(
    scheme.id,
    true,
    (facts) => ({ text, level, occurredAt, place: alert.placeWords, passed: alert.passed, ...facts }),
    concernsFollowUp,
  )
  const passing = usePassingOf(scheme.id, alert.id, text)
  const parts = segments.parts.length
  const isUnwritten = from === null && kind !== 'all_clear' && text.trim() === opening.trim()
  // A chief lets the words stand here; anybody else submits the follow-up to one.
  const isForChief = guard.isForChief && !passing.isAllowed
  const needed = whole !== undefined && (isForChief || needsSecondPerson(whole, alert, { kind, text, level }))
  const waiting = waitingOf(alert)
  const { word, standing, isAuthorised, isWordBegun } = readAuthorisation(draft, from)
  const missing =
    whole === undefined ||
    draft.order !== undefined ||
    text.trim() === '' ||
    isUnwritten ||
    parts > MAX_PARTS ||
    (guard.blocked && !isForChief) ||
    preview.data?.recipients === 0 ||
    // When approval is required, the authorisation may be empty but not partially filled in.
    (!isAuthorised && (!needed || isWordBegun))

  const set = (patch: Partial<FollowUpDraft>) => setDraft((before) => ({ ...before, ...patch }))
  const isTouched = text !== opening || Object.keys(draft.word).length > 0 || draft.order !== undefined
  // After closing or reloading, the written text is restored.
  useEffect(() => {
    keepDraft(scheme.id, alert.id, kind, isTouched ? draft : null)
  }, [scheme.id, alert.id, kind, draft, isTouched])

  /** Returns the request, under the key of its order. */
  const bodyOf = (key: string): NewFollowUp => ({
    kind,
    text,
    level,
    ...(isPrecise &&
      standing === null &&
      isComplete(word) && {
        authorisation: {
          magistrateId: word.magistrateId,
          scope: word.scope.trim(),
          givenAt: word.givenAt ?? new Date(serverNow()).toISOString(),
        },
      }),
    after: alert.broadcasts.at(-1)?.id ?? alert.id,
    key,
    ...(waiting !== undefined &&
      (needed || waiting.id === from?.id) && {
        replaces: { id: waiting.id, version: waiting.version },
      }),
  })

  return {
    /** The order of an earlier visit whose response never arrived. */
    keptOrder: kept?.order,
    isResumed,
    restart: () => {
      setResumed(false)
      setDraft(fresh)
    },
    forgetDraft: () => keepDraft(scheme.id, alert.id, kind, null),
    set,
    setText: (next: string) => set({ text: next }),
    appendText: (typed: string) => setDraft((before) => ({ ...before, text: before.text + typed })),
    bodyOf,
    passing,
    ...{ text, isPrecise, segments, parts, guard, preview, whole, needed, waiting, missing },
    ...{ word, isWordBegun, standing, isAuthorised, isUnwritten },
    /** Whether a remark would not be one in a text that says details. */
    wantsPrecise:
      !isPrecise &&
      guard.remarks?.some(({ severity, allowedFrom }) => severity === 'block' && allowedFrom === 'precise'),
  }
}

/** Returns the authorisation of a draft: the one being entered, and the recorded one if it is valid for this very text. */
function readAuthorisation({ text, isPrecise, word: entered }: FollowUpDraft, from: FollowUpView | null) {
  const word: AuthorisationEntry = { magistrateId: '', givenAt: null, scope: '', ...entered }
  const standing =
    from?.authorisation?.valid && isPrecise && text.trim() === from.text ? from.authorisation : null
  return {
    word,
    standing,
    isAuthorised: !isPrecise || standing !== null || isComplete(word),
    isWordBegun: [word.magistrateId, word.scope].some((one) => one.trim() !== ''),
  }
}
