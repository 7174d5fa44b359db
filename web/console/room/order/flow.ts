import type { AlertView, AudienceView } from '../../../../src/alerts/contract.ts'
import type { RefuseReport, ReportView } from '../../../../src/reports/contract.ts'
import { ApiError, callApi } from '../../../api/client.ts'
import { serverNow } from '../../../api/clock.ts'
import {
  askUntilKnown,
  type Doubt,
  type InDoubt,
  isGivenUp,
  isOrderNotReceived,
  mayHaveBeenDone,
  postOrder,
  untilKnown,
} from '../../../api/doubt.ts'
import { newId } from '../../../api/ids.ts'
import { isRefusal } from '../../../api/problems.ts'
import { isAudienceChanged, seenAudienceBody } from '../audience/seen.ts'
import type { Draft, GivenOrder, RecordedAlert } from '../text/draft.ts'
import { occurredAt } from '../text/message.ts'
import { findTaken } from './orders.ts'

/** Callbacks by which the steps store their results, so that a second try continues from there and creates nothing twice. */
export interface Progressing {
  recorded: (report: ReportView) => void
  change: (patch: Partial<Draft>) => void
}

/** States in which the content can still be changed. */
export const OPEN_TO_CHANGE: ReadonlySet<string> = new Set(['draft', 'returned'])
const FIRST_VERSION = 1
const SEEMS_A_PHONE = /^[+\d][\d\s.\-()]{5,}$/

function newReport(draft: Draft) {
  const written = draft.caller.text.trim()
  const { member } = draft.caller
  const optional = (value: string) => (value.trim() === '' ? undefined : value.trim())
  return {
    // The server names what is missing.
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

/**
 * Creates a record under an id chosen by the browser. If the response is lost, it is sent once more and gives the same
 * record.
 */
async function createOnce<T>(create: () => Promise<T>): Promise<T> {
  try {
    return await create()
  } catch (error) {
    if (!mayHaveBeenDone(error)) throw error
    return create()
  }
}

const isIdTaken = (error: unknown) => isRefusal(error, 'id_taken')

/** Records the report once: every try of a call uses the same id. */
export async function recordReport(schemeId: string, draft: Draft, keep: Progressing): Promise<ReportView> {
  if (draft.report !== null) return draft.report
  const params = { scheme: schemeId }
  const create = (id: string) =>
    createOnce(() => callApi('createReport', { params, body: { id, ...newReport(draft) } }))
  const createAnother = () => {
    const id = newId()
    keep.change({ reportId: id })
    return create(id)
  }
  const { reportId } = draft
  const report =
    reportId === null
      ? await createAnother()
      : await create(reportId).catch(async (error: unknown) => {
          if (!isIdTaken(error)) throw error
          // An earlier try was recorded and the form has changed since: another category or place makes another report.
          const recorded = await callApi('getReport', { params: { ...params, id: reportId } })
          return isSameCall(recorded, draft) ? recorded : createAnother()
        })
  keep.recorded(report)
  return report
}

function isSameCall({ category, commune, calledAt, exercise }: ReportView, draft: Draft): boolean {
  return (
    category.code === draft.categoryCode &&
    commune.code === draft.commune?.code &&
    exercise === draft.exercise &&
    draft.calledAt !== null &&
    Date.parse(calledAt) === Date.parse(draft.calledAt)
  )
}

/** Returns the content of a draft as the server keeps it; a change of it makes a new version. */
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

/** Creates the alert of a report, or saves its changes. */
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
  if (known === null && draft.alertId === null) {
    // Another operator may have started a draft of this report.
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
  const update = (id: string, version: number) =>
    callApi('updateAlert', { params: { scheme: schemeId, id }, body: { ...content, area, version } })
  const create = async () => {
    const id = draft.alertId ?? newId()
    if (draft.alertId === null) keep.change({ alertId: id })
    const body = { id, ...content, area, reportId: report.id }
    try {
      return await createOnce(() => callApi('createAlert', { params: { scheme: schemeId }, body }))
    } catch (error) {
      if (!isIdTaken(error)) {
        // A refusal created nothing: the next try looks for a draft of the report again.
        if (!mayHaveBeenDone(error)) keep.change({ alertId: null })
        throw error
      }
      // An earlier try created the alert as its first version, and the draft has changed since.
      const { alert: created } = await callApi('getAlert', { params: { scheme: schemeId, id } })
      const { reference } = created
      keep.change({ alert: { id, version: FIRST_VERSION, reference, content: null }, alertId: null })
      return update(id, FIRST_VERSION)
    }
  }
  const alert = known === null ? await create() : await update(known.id, known.version)
  const recorded = {
    id: alert.id,
    version: alert.version,
    reference: alert.reference,
    content: fingerprint,
  }
  keep.change({ alert: recorded, alertId: null })
  return recorded
}

/**
 * Sends an order of the version that was read. If it is no longer current, the next try starts from the current alert.
 */
async function refreshVersion(schemeId: string, alertId: string, keep: Progressing): Promise<void> {
  const { alert } = await callApi('getAlert', { params: { scheme: schemeId, id: alertId } })
  keep.change({
    alert: OPEN_TO_CHANGE.has(alert.state)
      ? { id: alert.id, version: alert.version, reference: alert.reference, content: null }
      : null,
  })
}

/**
 * Orders or submits. The draft keeps the order until it is known whether it was accepted. An order accepted before, of
 * another user or of a try whose response was lost, counts as accepted.
 * @returns the alert as it was accepted
 * @throws as `untilKnown`
 */
export async function submitOrder(
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
    // This component no longer waits for the result: the draft keeps the order, and the result is still asked for.
    if (isGivenUp(error)) throw error
    if (isConflict(error) || isOrderNotReceived(error)) {
      await refreshVersion(schemeId, recorded.id, keep).catch(() => {})
    }
    keep.change({ order: null })
    throw error
  }

  /** Another user, or a try whose response was lost, may have ordered it before. */
  async function orTaken(error: unknown): Promise<AlertView> {
    if (!isConflict(error) || isAudienceChanged(error)) throw error
    doubt.onDoubt?.()
    return askUntilKnown(asking, 0).catch((unknown: unknown) => {
      throw isOrderNotReceived(unknown) ? error : unknown
    })
  }
}

const isConflict = (error: unknown) => error instanceof ApiError && error.status === 409

/**
 * Sends report, alert and order: each step is done once, and a new try starts at the step that failed.
 * @param order `reason`: why it is sent although the facts are old; `seen`: the audience that was on screen
 * @returns the alert that was sent
 */
export async function broadcastDraft(
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
    ...seenAudienceBody(seen),
    ...(reason !== undefined && { reason }),
    ...(draft.confirmedNear.length > 0 && { confirmNear: draft.confirmedNear }),
  }
  const send = (signal: AbortSignal) => callApi('broadcastAlert', { params, body, signal })
  return submitOrder(schemeId, recorded, 'broadcast', send, { keep, doubt })
}

/** Refuses the report, with the reason. */
export async function refuseDraft(
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
