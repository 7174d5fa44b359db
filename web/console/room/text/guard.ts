import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { GuardFactsView } from '../../../../src/alerts/contract.ts'
import type { GuardInput, GuardLevel, Remark } from '../../../../src/guard/guard.ts'
import { dayIn } from '../../../../src/message/clock.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { namesPlace, namesTime } from '../../../../src/schemes/texts/compose.ts'
import { alertPlaceWords, communeNames } from '../../../../src/schemes/texts/whereabouts.ts'
import { serverNow } from '../../../api/clock.ts'
import { alertQuery, guardFactsQuery } from '../../../api/queries.ts'
import { isPreventionDraft } from '../doctrine/doctrine.ts'
import type { Draft } from './draft.ts'
import { occurredAt } from './message.ts'

/** Loaded with the first call, since its lists of words are not needed to show the room. */
const load = () => import('../../../../src/guard/guard.ts')

/** A remark that has a fix. */
export type Fixable = Remark & { readonly fix: NonNullable<Remark['fix']> }

export interface RoomGuard {
  /** In the order of the text; null until the guard has run. */
  readonly remarks: readonly Remark[] | null
  /** Whether the message cannot be sent as it is. */
  readonly blocked: boolean
  /** Whether nothing else forbids it than words that a chief may let stand, so that it can be submitted. */
  readonly isForChief: boolean
  readonly first: Fixable | null
  /** The text with every fix applied in turn. */
  readonly fixAll: () => string
}

/** Maximum number of fixes applied at once, since each may lead to another. */
const MAX_FIXES = 20

/** Applies the first fix again and again, as long as there is one. */
export function applyFixes(text: string, read: (text: string) => readonly Remark[]): string {
  let fixed = text
  for (let i = 0; i < MAX_FIXES; i++) {
    const next = firstFixable(read(fixed))
    if (next === null || next.fix.text === fixed) break
    fixed = next.fix.text
  }
  return fixed
}

/** Blocking remarks come before warnings. */
function firstFixable(remarks: readonly Remark[]): Fixable | null {
  const fixable = remarks.filter((one): one is Fixable => one.fix !== null)
  return fixable.find((one) => one.severity === 'block') ?? fixable[0] ?? null
}

function inputOf(
  draft: Draft,
  scheme: SchemeView,
  text: string,
  facts: GuardFactsView | undefined,
  passed: readonly string[],
): GuardInput & { level: GuardLevel } {
  const { commune, area } = draft
  const template = scheme.categories.find((one) => one.code === draft.categoryCode)?.template ?? ''
  const place = commune && alertPlaceWords(template, { commune, areaLabel: area?.words ?? commune.name })
  return {
    text,
    level: draft.doctrine.level,
    occurredAt: new Date(occurredAt(draft)).toISOString(),
    needsTime: namesTime(template),
    passed,
    today: dayIn(scheme.timeZone, serverNow()),
    fold: true,
    aboutOffence: !isPreventionDraft(draft, scheme),
    ...(place !== null && { place }),
    ...(commune !== null && {
      ownPlaces: [...communeNames({ commune }), ...(area === null ? [] : [area.words])],
    }),
    ...(commune !== null && namesPlace(template) && { communes: communeNames({ commune }) }),
    ...facts,
  }
}

const NONE: readonly string[] = []

/** Runs the content guard on the message being written, with the same result as on the server. */
export function useGuard(scheme: SchemeView, draft: Draft, text: string): RoomGuard {
  const alertId = draft.alert?.id ?? null
  const page = useQuery({ ...alertQuery(scheme.id, alertId ?? ''), enabled: alertId !== null }).data
  const passed = page?.alert.id === alertId ? page.alert.passed : NONE
  return useGuardOf(scheme.id, draft.calledAt !== null, (facts) =>
    inputOf(draft, scheme, text, facts, passed),
  )
}

/**
 * Runs the guard on any text of a scheme.
 * @param begun whether there is a text: nothing is loaded before
 * @param concerns selects the relevant remarks; all when absent
 */
export function useGuardOf(
  schemeId: string,
  begun: boolean,
  inputFrom: (facts: GuardFactsView | undefined) => GuardInput & { level: GuardLevel },
  concerns: (remark: Remark) => boolean = () => true,
): RoomGuard {
  const guard = useQuery({
    queryKey: ['guard'],
    queryFn: async () => (await load()).guardText,
    enabled: begun,
    staleTime: Number.POSITIVE_INFINITY,
    // A stable function.
    structuralSharing: false,
  }).data
  const facts = useQuery({ ...guardFactsQuery(schemeId), enabled: begun }).data
  const input = inputFrom(facts)
  const key = JSON.stringify([
    input.text,
    input.level,
    input.occurredAt,
    input.needsTime,
    input.today,
    input.passed,
    input.place,
    input.communes,
    input.ownPlaces,
    input.aboutOffence,
  ])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key holds what the input is made of
  const remarks = useMemo(
    () => (guard === undefined || facts === undefined ? null : guard(input).filter(concerns)),
    [guard, facts, key],
  )
  const blocking = remarks?.filter((one) => one.severity === 'block') ?? []
  return {
    remarks,
    blocked: blocking.length > 0,
    isForChief: blocking.length > 0 && blocking.every(({ pass }) => pass === 'possible'),
    first: firstFixable(remarks ?? []),
    fixAll: () =>
      guard === undefined
        ? input.text
        : applyFixes(input.text, (changed) => guard({ ...input, text: changed }).filter(concerns)),
  }
}
