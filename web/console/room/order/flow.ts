import type { AlertView, AudienceView } from '../../../../src/alerts/contract.ts'
import type { RefuseReport, ReportView } from '../../../../src/reports/contract.ts'
import { ApiError, callApi } from '../../../api/client.ts'
import { serverNow } from '../../../api/clock.ts'
import {
  askUntilKnown,
  type Doubt,
  isGivenUp,
  isNothingLeft,
  mayHaveBeenDone,
  postOrder,
  untilKnown,
} from '../../../api/doubt.ts'
import { isAudienceChanged, named } from '../audience/seen.ts'
import type { Draft, GivenOrder, RecordedAlert } from '../text/draft.ts'
import { occurredAt } from '../text/message.ts'
import { findTaken } from './orders.ts'

/** Where the steps keep what they got, so that a second try goes on from there and doubles nothing. */
export interface Progressing {
  recorded: (report: ReportView) => void
  change: (patch: Partial<Draft>) => void
}

/** States in which what would be sent can still be changed. */
export const OPEN_TO_CHANGE: ReadonlySet<string> = new Set(['draft', 'returned'])
const SEEMS_A_PHONE = /^[+\d][\d\s.\-()]{5,}$/

function newReport(draft: Draft) {
  const written = draft.caller.text.trim()
  const { member } = draft.caller
  const optional = (value: string) => (value.trim() === '' ? undefined : value.trim())
  return {
    // The server names what is lacking.
    categoryCode: draft.categoryCode ?? '',
    communeCode: draft.commune?.code ?? '',
    formerName: draft.commune?.formerName ?? undefined,
    place: optional(draft.place),
    calledAt: draft.calledAt ?? '',
    occurredAt: new Date(occurredAt(draft)).toISOString(),
    lateReason: optional(draft.lateReason),
    ...(member !== null
      ? { callerMemberId: member.memberId }
      : SEEMS_A_PHONE.test(written)
        ? { callerPhone: written }
        : { callerName: optional(written) }),
    facts: optional(draft.facts),
    ...(draft.exercise && { exercise: true }),
  }
}

/** Records the report, once. A lost answer is made up for by finding the report that the call already led to. */
export async function recordReport(schemeId: string, draft: Draft, keep: Progressing): Promise<ReportView> {
  if (draft.report !== null) return draft.report
  const report = await callApi('createReport', {
    params: { scheme: schemeId },
    body: newReport(draft),
  }).catch(async (error) => {
    if (!mayHaveBeenDone(error)) throw error
    const { reports } = await callApi('listReports', {
      params: { scheme: schemeId },
      query: { state: 'waiting', categoryCode: draft.categoryCode, limit: 50 },
    })
    const same = reports.find(
      (one) =>
        one.commune.code === draft.commune?.code &&
        draft.calledAt !== null &&
        Date.parse(one.calledAt) === Date.parse(draft.calledAt),
    )
    if (same === undefined) throw error
    return same
  })
  keep.recorded(report)
  return report
}

/** What the server keeps of a draft: a change of it is another version. */
export function contentOf(draft: Draft, text: string) {
  const { doctrine, trades } = draft
  return {
    text,
    area: draft.area?.area,
    trades,
    doctrine,
    outsideZoneReason: draft.outsideZoneReason.trim(),
  }
}

/** Records the alert of a report, or what changed of it. */
export async function recordAlert(
  schemeId: string,
  draft: Draft,
  report: ReportView,
  text: string,
  keep: Progressing,
) {
  const content = contentOf(draft, text)
  const fingerprint = JSON.stringify(content)
  let known: RecordedAlert | null = draft.alert
  if (known === null) {
    // Another try, or another operator, may have left a draft on this report.
    const fresh = await callApi('getReport', { params: { scheme: schemeId, id: report.id } })
    if (fresh.alert !== null && OPEN_TO_CHANGE.has(fresh.alert.state)) {
      const page = await callApi('getAlert', { params: { scheme: schemeId, id: fresh.alert.id } })
      known = {
        id: page.alert.id,
        version: page.alert.version,
        reference: page.alert.reference,
        content: null,
      }
    }
  }
  if (known !== null && known.content === fingerprint) return known
  const { area } = content
  if (area === undefined) throw new TypeError('an alert is recorded once its area is chosen')
  const alert =
    known === null
      ? await callApi('createAlert', {
          params: { scheme: schemeId },
          body: { ...content, area, reportId: report.id },
        })
      : await callApi('updateAlert', {
          params: { scheme: schemeId, id: known.id },
          body: { ...content, area, version: known.version },
        })
  const recorded = {
    id: alert.id,
    version: alert.version,
    reference: alert.reference,
    content: fingerprint,
  }
  keep.change({ alert: recorded })
  return recorded
}

/** What the order names must be what was read: when it is not, the next try starts from the alert as it is now. */
async function refreshVersion(schemeId: string, alertId: string, keep: Progressing): Promise<void> {
  const { alert } = await callApi('getAlert', { params: { scheme: schemeId, id: alertId } })
  keep.change({
    alert: OPEN_TO_CHANGE.has(alert.state)
      ? { id: alert.id, version: alert.version, reference: alert.reference, content: null }
      : null,
  })
}

/** What the room does while the answer to an order is lost. */
export type InDoubt = Pick<Doubt<AlertView>, 'onDoubt' | 'signal'>

/**
 * Gives an order, or submits. The draft keeps it until it is known whether it was taken; an order that another one was
 * before, of somebody else or of a try whose answer was lost, counts as taken.
 * @returns the alert as it was taken
 * @throws as `untilKnown`
 */
export async function giveOrder(
  schemeId: string,
  recorded: Pick<RecordedAlert, 'id' | 'version'>,
  verb: GivenOrder['verb'],
  send: (signal: AbortSignal) => Promise<AlertView>,
  { keep, doubt = {} }: { readonly keep: Progressing; readonly doubt?: InDoubt | undefined },
): Promise<AlertView> {
  const order: GivenOrder = { verb, alertId: recorded.id, at: serverNow() }
  keep.change({ order })
  const asking: Doubt<AlertView> = {
    ...doubt,
    kind: verb === 'submit' ? 'submission' : 'alert',
    ask: (signal) => findTaken(schemeId, order, signal),
  }
  try {
    return await untilKnown(() => postOrder(send).catch(orTaken), asking)
  } catch (error) {
    // Nobody waits for the answer here any more: the draft keeps the order, and what became of it is still asked.
    if (isGivenUp(error)) throw error
    if (isConflict(error) || isNothingLeft(error)) {
      await refreshVersion(schemeId, recorded.id, keep).catch(() => {})
    }
    keep.change({ order: null })
    throw error
  }

  /** Somebody else, or a try whose answer was lost, may have been before. */
  async function orTaken(error: unknown): Promise<AlertView> {
    if (!isConflict(error) || isAudienceChanged(error)) throw error
    doubt.onDoubt?.()
    return askUntilKnown(asking, 0).catch((unknown: unknown) => {
      throw isNothingLeft(unknown) ? error : unknown
    })
  }
}

const isConflict = (error: unknown) => error instanceof ApiError && error.status === 409

/**
 * Report, alert, order: each step is taken once, and a new try begins at the one that failed.
 * @param order `reason`: why it still leaves, where the facts are old; `seen`: the audience that was on screen
 * @returns the alert that left.
 */
export async function broadcast(
  schemeId: string,
  draft: Draft,
  text: string,
  keep: Progressing,
  {
    doubt,
    reason,
    seen,
  }: {
    readonly doubt?: InDoubt | undefined
    reason?: string | undefined
    seen?: AudienceView | undefined
  } = {},
): Promise<AlertView> {
  const report = await recordReport(schemeId, draft, keep)
  const recorded = await recordAlert(schemeId, draft, report, text, keep)
  const params = { scheme: schemeId, id: recorded.id }
  const body = {
    version: recorded.version,
    ...named(seen),
    ...(reason !== undefined && { reason }),
    ...(draft.confirmedNear.length > 0 && { confirmNear: draft.confirmedNear }),
  }
  const send = (signal: AbortSignal) => callApi('broadcastAlert', { params, body, signal })
  return giveOrder(schemeId, recorded, 'broadcast', send, { keep, doubt })
}

/** Decides not to warn anyone, with the reason. */
export async function refuse(
  schemeId: string,
  draft: Draft,
  decision: RefuseReport,
  keep: Progressing,
): Promise<void> {
  const report = await recordReport(schemeId, draft, keep)
  if (draft.alert !== null) {
    await callApi('discardAlert', { params: { scheme: schemeId, id: draft.alert.id } })
    keep.change({ alert: null })
  }
  await callApi('refuseReport', { params: { scheme: schemeId, id: report.id }, body: decision })
}
