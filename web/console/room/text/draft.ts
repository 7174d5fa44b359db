import { useCallback, useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { CallerMatch } from '../../../../src/members/contract.ts'
import type { CallNote, ReportView } from '../../../../src/reports/contract.ts'
import type { AreaChoice } from '../../../../src/territory/contract.ts'
import { serverNow } from '../../../api/clock.ts'
import { newId } from '../../../api/ids.ts'
import type { AuthorisationEntry } from '../../approval/authorisation/AuthorisationFields.tsx'
import { type Authorised, type Doctrine, type Level, sealOf } from '../doctrine/doctrine.ts'
import { unreferencedText } from '../order/sent.ts'

/** The time of the facts: some minutes before the call, or an instant; `unread`: what was typed since cannot be read. */
export type When = { kind: 'ago'; minutes: number } | { kind: 'at'; at: string; unread?: true }

/** The alert already created for this draft, and its content then. */
export interface RecordedAlert {
  id: string
  version: number
  reference: string
  content: string | null
}

/** An order or submission, kept until its response arrives, even if the page is reloaded. */
export interface GivenOrder {
  verb: 'broadcast' | 'override' | 'submit'
  alertId: string
  /** Time of the server's clock, in milliseconds since the epoch. */
  at: number
}

/** The fields that a line fills. */
export type LineField = 'categoryCode' | 'commune' | 'place' | 'when' | 'facts'

/** An alert as the operator composes it: the facts of the call, the message and its audience. */
export interface Draft {
  /** Start of the call: the time of the first entry. */
  calledAt: string | null
  /** The id of the report that the call becomes, chosen at the first entry: every try creates the same one. */
  reportId: string | null
  /** The recorded report, whose facts no longer change. */
  report: ReportView | null
  /** The line typed during the call, from which the other fields are filled. */
  line: string
  /** Fields changed by hand since, which the line no longer fills. */
  byHand: LineField[]
  categoryCode: string | null
  commune: {
    code: string
    name: string
    postalCode: string | null
    /** The name of a former commune that was typed. */
    formerName?: string | null
  } | null
  place: string
  when: When
  lateReason: string
  caller: { text: string; member: CallerMatch | null }
  facts: string
  /** The text written by hand; null: the proposed text. */
  text: string | null
  area: AreaChoice | null
  trades: string[]
  /** The schemes into which the area crosses and to which the relay is proposed once the alert has left. */
  relayTo: string[]
  doctrine: Doctrine
  /** The description in the facts for which the level was raised to identifying details; null: none. */
  raisedFor: string | null
  /** The reason to act outside the zone of the user's agency. */
  outsideZoneReason: string
  /** The authorisation as it is being entered; null: nothing yet. */
  authorisation: AuthorisationEntry | null
  authorised: Authorised | null
  /** Whether the approver returned it. */
  returned: { at: string; by: string | null; reason: string } | null
  alert: RecordedAlert | null
  /** The id of the alert that is being created, until the server has responded; null: none. */
  alertId: string | null
  /** An order or submission without a response yet, whose result the page asks the server for. */
  order: GivenOrder | null
  /** Whether it is an exercise, which reaches no real phone. */
  exercise: boolean
  /** The note of a call without a report, as the server keeps it, and its content then. */
  note: { id: string; version: number; content: string } | null
  /** Whether anything was entered by hand. */
  touched: boolean
  /** Near alerts that the operator confirmed. */
  confirmedNear: string[]
}

export const NEW = 'new'

interface Drafts {
  current: string
  drafts: Record<string, Draft>
}

export function blankDraft(): Draft {
  return {
    calledAt: null,
    reportId: null,
    report: null,
    line: '',
    byHand: [],
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
    relayTo: [],
    doctrine: { offence: null, arrested: null, level: 'established' },
    raisedFor: null,
    outsideZoneReason: '',
    authorisation: null,
    authorised: null,
    returned: null,
    alert: null,
    alertId: null,
    order: null,
    exercise: false,
    note: null,
    touched: false,
    confirmedNear: [],
  }
}

/** @param level initial level of the alerts of its category */
export function fromReport(report: ReportView, level: Level = 'established'): Draft {
  return {
    ...blankDraft(),
    doctrine: { offence: null, arrested: null, level },
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

/** Returns a draft for an alert that the approver returned. */
export function fromAlert(report: ReportView, alert: AlertView): Draft {
  const { approval, authorisation, doctrine } = alert
  const seal = sealOf({
    text: unreferencedText(alert),
    area: alert.area,
    trades: alert.trades,
    level: doctrine.level,
  })
  return {
    ...fromReport(report),
    ...contentOfAlert(alert),
    authorised:
      authorisation === null ? null : { view: authorisation, seal: authorisation.valid ? seal : '' },
    returned:
      approval.decision === 'returned' && approval.decidedAt !== null
        ? { at: approval.decidedAt, by: approval.decidedBy, reason: approval.reason ?? '' }
        : null,
    alert: { id: alert.id, version: alert.version, reference: alert.reference, content: null },
  }
}

/** Returns the text and audience of another alert of the same report, to start a new one with. */
export function contentOfAlert(
  alert: AlertView,
): Pick<Draft, 'text' | 'area' | 'trades' | 'doctrine' | 'outsideZoneReason'> {
  return {
    text: alert.text,
    area: { area: alert.area, name: alert.areaLabel, words: alert.areaLabel, communes: 0, withoutPoint: [] },
    trades: alert.trades,
    doctrine: alert.doctrine,
    outsideZoneReason: alert.zone.reason ?? '',
  }
}

export function isBlank(draft: Draft): boolean {
  return draft.calledAt === null
}

function read(key: string): Drafts {
  try {
    const kept = sessionStorage.getItem(key)
    if (kept !== null) {
      const { current, drafts } = JSON.parse(kept) as Drafts
      // A draft stored by an older version of the page lacks newer fields.
      const whole = Object.entries(drafts).map(([id, draft]) => [id, { ...blankDraft(), ...draft }])
      return { current, drafts: Object.fromEntries(whole) }
    }
  } catch {
    // The storage is unreadable or denied: start afresh.
  }
  return { current: NEW, drafts: {} }
}

/** Stores a report with the known content of its alert for the room, which opens it. */
export function openNext(schemeId: string, report: ReportView, patch: Partial<Draft>): void {
  const key = keyOf(schemeId)
  const { drafts } = read(key)
  const next: Drafts = {
    current: report.id,
    drafts: { ...drafts, [report.id]: { ...fromReport(report), ...patch } },
  }
  sessionStorage.setItem(key, JSON.stringify(next))
}

const keyOf = (schemeId: string) => `tocsin.drafts.${schemeId}`

/** The drafts of this tab: one for a new call and one for each opened report; they survive a reload. */
export function useDrafts(schemeId: string) {
  const key = keyOf(schemeId)
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
        const before = drafts[current] ?? blankDraft()
        const calledAt = before.calledAt ?? new Date(serverNow()).toISOString()
        const reportId = before.reportId ?? (before.report === null ? newId() : null)
        const after = { ...before, calledAt, reportId, touched: true, ...patch }
        return { current, drafts: { ...drafts, [current]: after } }
      }),
    [update],
  )

  /** Changes a draft that is on screen or not; a removed one stays removed. */
  const settle = useCallback(
    (key: string, patch: Partial<Draft>) =>
      update((state) => {
        const before = state.drafts[key]
        if (before === undefined) return state
        return { ...state, drafts: { ...state.drafts, [key]: { ...before, ...patch } } }
      }),
    [update],
  )

  /** Continues a call that was being entered elsewhere, in place of the new call. */
  const resume = useCallback(
    (note: CallNote) =>
      update(({ drafts }) => {
        const content = note.content as unknown as Partial<Draft>
        const draft = { ...blankDraft(), ...content, touched: true }
        const kept = { id: note.id, version: note.version, content: JSON.stringify(note.content) }
        return {
          current: NEW,
          drafts: { ...drafts, [NEW]: { ...draft, report: null, alert: null, alertId: null, note: kept } },
        }
      }),
    [update],
  )

  /** Opens the new call, or a waiting report with the content of its alert, if it has one to continue. */
  const open = useCallback(
    (report: ReportView | null, alert?: AlertView, level?: Level) =>
      update(({ drafts }) => {
        if (report === null) return { current: NEW, drafts }
        const draft = alert === undefined ? fromReport(report, level) : fromAlert(report, alert)
        // The values entered in this tab are kept, unless the alert has changed since.
        const kept = drafts[report.id]
        const stale = alert !== undefined && kept?.alert?.version !== alert.version
        return { current: report.id, drafts: { ...drafts, [report.id]: stale ? draft : (kept ?? draft) } }
      }),
    [update],
  )

  /** The new call is recorded: its draft becomes that of the report. */
  const recorded = useCallback(
    (report: ReportView) =>
      update(({ current, drafts }) => {
        const { [current]: draft = blankDraft(), ...others } = drafts
        return { current: report.id, drafts: { ...others, [report.id]: { ...draft, report, note: null } } }
      }),
    [update],
  )

  /** Finishes the current draft and shows an empty form. */
  const clear = useCallback(
    () =>
      update(({ current, drafts }) => {
        const { [current]: _done, ...others } = drafts
        return { current: NEW, drafts: others }
      }),
    [update],
  )

  /** Finishes a draft, on screen or not. */
  const drop = useCallback(
    (key: string) =>
      update(({ current, drafts }) => {
        const { [key]: _done, ...others } = drafts
        return { current: current === key ? NEW : current, drafts: others }
      }),
    [update],
  )

  return {
    current: state.current,
    drafts: state.drafts,
    draft: state.drafts[state.current] ?? blankDraft(),
    change,
    settle,
    resume,
    open,
    recorded,
    clear,
    drop,
  }
}
