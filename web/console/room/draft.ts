import { useCallback, useState } from 'react'
import type { CallerMatch } from '../../../src/members/contract.ts'
import type { ReportView } from '../../../src/reports/contract.ts'
import type { AreaChoice } from '../../../src/territory/contract.ts'
import { serverNow } from '../../api/clock.ts'

/** When it happened: some minutes before the call, or at an instant. */
export type When = { kind: 'ago'; minutes: number } | { kind: 'at'; at: string }

/** The alert already recorded for this draft, and what it held then. */
export interface RecordedAlert {
  id: string
  version: number
  /** Absent in a draft kept by an earlier release. */
  reference?: string
  content: string | null
}

/** What the operator is composing: the facts of the call, then the message and whom it is for. */
export interface Draft {
  /** When the call came: the first thing entered starts the clock. */
  calledAt: string | null
  /** The report once recorded: its facts change no more. */
  report: ReportView | null
  categoryCode: string | null
  commune: { code: string; name: string; postalCode: string | null } | null
  place: string
  when: When
  lateReason: string
  caller: { text: string; member: CallerMatch | null }
  facts: string
  /** As written by hand; null: as proposed. */
  text: string | null
  area: AreaChoice | null
  trades: string[]
  alert: RecordedAlert | null
  /** Nothing of it reaches a real phone. */
  exercise: boolean
}

export const NEW = 'new'

interface Drafts {
  current: string
  drafts: Record<string, Draft>
}

export function blank(): Draft {
  return {
    calledAt: null,
    report: null,
    categoryCode: null,
    commune: null,
    place: '',
    when: { kind: 'ago', minutes: 0 },
    lateReason: '',
    caller: { text: '', member: null },
    facts: '',
    text: null,
    area: null,
    trades: [],
    alert: null,
    exercise: false,
  }
}

export function fromReport(report: ReportView): Draft {
  return {
    ...blank(),
    calledAt: report.calledAt,
    report,
    categoryCode: report.category.code,
    commune: { ...report.commune, postalCode: null },
    place: report.place ?? '',
    when: { kind: 'at', at: report.occurredAt },
    facts: report.facts ?? '',
    exercise: report.exercise,
  }
}

export function isBlank(draft: Draft): boolean {
  return draft.calledAt === null
}

function read(key: string): Drafts {
  try {
    const kept = sessionStorage.getItem(key)
    if (kept !== null) return JSON.parse(kept) as Drafts
  } catch {
    // Unreadable or refused storage: begin afresh.
  }
  return { current: NEW, drafts: {} }
}

/** The drafts of this tab, one for a new call and one for each report taken up; a reload loses none of them. */
export function useDrafts(schemeId: string) {
  const key = `tocsin.drafts.${schemeId}`
  const [state, setState] = useState(() => read(key))

  const update = useCallback(
    (next: (state: Drafts) => Drafts) =>
      setState((before) => {
        const after = next(before)
        sessionStorage.setItem(key, JSON.stringify(after))
        return after
      }),
    [key],
  )

  const change = useCallback(
    (patch: Partial<Draft>) =>
      update(({ current, drafts }) => {
        const before = drafts[current] ?? blank()
        const calledAt = before.calledAt ?? new Date(serverNow()).toISOString()
        return { current, drafts: { ...drafts, [current]: { ...before, calledAt, ...patch } } }
      }),
    [update],
  )

  /** Goes to the new call, or takes up a waiting report. */
  const open = useCallback(
    (report: ReportView | null) =>
      update(({ drafts }) => {
        if (report === null) return { current: NEW, drafts }
        return { current: report.id, drafts: { [report.id]: fromReport(report), ...drafts } }
      }),
    [update],
  )

  /** The new call is recorded: from here its draft is the report's. */
  const recorded = useCallback(
    (report: ReportView) =>
      update(({ current, drafts }) => {
        const { [current]: draft = blank(), ...others } = drafts
        return { current: report.id, drafts: { ...others, [report.id]: { ...draft, report } } }
      }),
    [update],
  )

  /** Done with the present draft: back to a blank form. */
  const clear = useCallback(
    () =>
      update(({ current, drafts }) => {
        const { [current]: _done, ...others } = drafts
        return { current: NEW, drafts: others }
      }),
    [update],
  )

  return {
    current: state.current,
    drafts: state.drafts,
    draft: state.drafts[state.current] ?? blank(),
    change,
    open,
    recorded,
    clear,
  }
}
