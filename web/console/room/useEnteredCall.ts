import { useQuery } from '@tanstack/react-query'
import type { ReportView } from '../../../src/reports/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { audienceQuery } from '../../api/queries.ts'
import { useCurrent } from '../shell/current.tsx'
import { audienceQueryOf } from './audience/areas.ts'
import { useArea } from './audience/useArea.ts'
import { useLine } from './call/useLine.ts'
import { useDesk } from './desk/desk.ts'
import { useDescribed } from './doctrine/useDescribed.ts'
import { useDoctrine } from './doctrine/useDoctrine.ts'
import { useSealedContent } from './doctrine/useSealedContent.ts'
import { useDrafts } from './text/draft.ts'
import { useGuard } from './text/guard.ts'
import { type Missing, messageOf, missingForAlert } from './text/message.ts'
import { useFix } from './text/useFix.ts'
import { usePassing } from './text/usePassing.ts'

export type EnteredCall = ReturnType<typeof useEnteredCall>

/**
 * Holds the call being entered: its draft, what the scheme requires of it, and what other users did about it meanwhile.
 * @param isDialogOpen while a dialog shows the draft, its content must not change
 */
export function useEnteredCall(scheme: SchemeView, isDialogOpen: boolean) {
  const { user, may } = useCurrent()
  const stored = useDrafts(scheme.id)
  const { draft, current, change, settle, open } = stored
  const place = useArea({ scheme, draft, current, change, settle })
  const line = useLine({ scheme, draft, change, withCategory: place.withCategory })
  const query = audienceQueryOf(draft, place.category?.severity)
  const audience = useQuery(audienceQuery(scheme.id, query))
  const reached = audience.data?.members ?? null
  const message = messageOf(draft, scheme)
  const guard = useGuard(scheme, draft, message.text)
  const fixes = useFix(draft, message, change)
  const passing = usePassing(scheme, draft, message.text, { recorded: stored.recorded, change })
  // A chief lets the words stand here; anybody else submits the alert to one.
  const isForChief = guard.isForChief && !may('guard.pass')
  const doctrine = useDoctrine(scheme, draft, message, isForChief)
  const described = useDescribed({ scheme, draft, current, change: line.changeByHand, settle })
  useSealedContent({ draft, current, settle, isAuthorised: doctrine.authorised })
  const desk = useDesk({
    scheme,
    userId: user.id,
    current,
    draft,
    text: message.text,
    dialog: isDialogOpen,
    settle,
    open,
  })
  const missing: readonly Missing[] = [
    ...desk.missing,
    ...missingForAlert(draft, scheme, message, reached, guard.blocked && !isForChief),
    ...doctrine.gaps,
  ]

  return {
    ...stored,
    place,
    line,
    /** The audience that is counted; null without an area. */
    query,
    audience,
    reached,
    message,
    guard,
    fixes,
    passing,
    doctrine,
    described,
    desk,
    missing,
    /** The call is recorded: its draft becomes that of the report. */
    recorded: (report: ReportView) => {
      desk.forgetNote()
      stored.recorded(report)
    },
    /** Finishes the call and shows an empty form. */
    clear: () => {
      desk.forgetNote()
      place.forgetChoice()
      stored.clear()
    },
  }
}
