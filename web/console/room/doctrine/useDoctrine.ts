import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import type { ErrorView } from '../../../../src/identity/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { ApiError } from '../../../api/client.ts'
import { communesOfAreaQuery } from '../../../api/queries.ts'
import { useCurrent } from '../../shell/current.tsx'
import type { Draft } from '../text/draft.ts'
import type { Message } from '../text/message.ts'
import {
  type DoctrineField,
  type DoctrineGap,
  doctrineGaps,
  fieldOf,
  forcesOf,
  isPreventionDraft,
  needsApproval,
  offenceOf,
  sealOfDraft,
} from './doctrine.ts'

type Problems = ErrorView['problems']

export interface RoomDoctrine {
  /** Whether a second person must order it. */
  needsApproval: boolean
  /** Whether it is a prevention message, which needs no answer on an offence. */
  prevention: boolean
  /** Whether the question on the offence is asked and not answered yet. */
  unanswered: boolean
  /** Set if the place is outside the zone of the user's agency: the agency whose zone it is in, if any. */
  outside: { agency: string | null } | null
  gaps: DoctrineGap[]
  /** The content that an authorisation given now would cover. */
  seal: string
  /** Whether a recorded authorisation covers exactly this content. */
  authorised: boolean
  /** The server's problems with a field, until that field changes. */
  problemsOf: (field: DoctrineField) => Problems
  /** Stores the problems of a refusal, to show each at its field. */
  refused: (error: unknown) => void
}

/**
 * Applies the doctrine to the current draft.
 * @param isForChief whether a chief must let words of it stand, which they do as the second person
 */
export function useDoctrine(
  scheme: SchemeView,
  draft: Draft,
  message: Message,
  isForChief: boolean,
): RoomDoctrine {
  const [refusals, setRefusals] = useState<readonly { problem: Problems[number]; stood: string }[]>([])
  // A prevention message mentions no place, and an exercise has no real one.
  const prevention = isPreventionDraft(draft, scheme)
  const isReasonNeeded = scheme.doctrine.outsideZone === 'reason' && !prevention && !draft.exercise
  const outside = useOutside(scheme, isReasonNeeded ? (draft.commune?.code ?? null) : null)
  const { categoryCode, report } = draft
  const needed = isForChief || needsApproval(scheme, { categoryCode, level: draft.doctrine.level, report })
  const seal = sealOfDraft(draft, message)
  const authorised = draft.authorised !== null && draft.authorised.seal === seal

  const standing: Record<DoctrineField, string> = {
    offence: `${draft.doctrine.level}${offenceOf(draft.doctrine)}`,
    level: draft.doctrine.level,
    authorisation: `${seal}${draft.authorised?.view.recordedAt}`,
    zone: draft.outsideZoneReason,
    text: `${draft.doctrine.level}${message.text}`,
    other: seal,
  }
  return {
    needsApproval: needed,
    prevention,
    unanswered: !prevention && offenceOf(draft.doctrine) === null,
    outside,
    gaps: doctrineGaps(draft, { outside: outside !== null, authorised, prevention, needsApproval: needed }),
    seal,
    authorised,
    problemsOf: (field) =>
      refusals
        .filter(({ problem, stood }) => fieldOf(problem) === field && stood === standing[field])
        .map(({ problem }) => problem),
    refused: (error) =>
      setRefusals(
        error instanceof ApiError
          ? error.problems.map((problem) => ({ problem, stood: standing[fieldOf(problem)] }))
          : [],
      ),
  }
}

/** Returns whether a commune is outside the zone of the user's agency, and whose zone it is in. */
function useOutside(scheme: SchemeView, commune: string | null): { agency: string | null } | null {
  const { scheme: mine } = useCurrent()
  const forces = forcesOf(scheme)
  const own = forces.find(({ name }) => name === mine.agency?.name)
  // An agency of the whole territory is never outside its zone.
  const withZone = own?.zone == null ? [] : forces.filter(({ zone }) => zone !== null)
  const zones = useQueries({ queries: withZone.map(({ zone }) => communesOfAreaQuery(scheme.id, zone)) })
  if (commune === null || own === undefined) return null
  const holds = (index: number) => zones[index]?.data?.communes.some(({ code }) => code === commune)
  if (holds(withZone.indexOf(own)) !== false) return null
  return { agency: withZone.find((_, index) => holds(index) === true)?.name ?? null }
}
