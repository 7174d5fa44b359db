import { recordRead } from '../audit/reads.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError, refusalOf } from '../errors.ts'
import { maskPhone, parsePhone } from '../members/rules.ts'
import { segmentMessage } from '../message/segment.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { decodeInstantCursor, encodeInstantCursor, UUID } from '../platform/database/cursor.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { getDoctrine } from '../schemes/store.ts'
import { getAreaContext } from '../territory/store/areas.ts'
import { findFormerName } from '../territory/store/places.ts'
import type { NewReport, RefusalCode, RefuseReport, ReportList, ReportQuery, ReportView } from './contract.ts'
import { findRepeatedReport, hasContentOf } from './repeat.ts'
import { type AnswerFacts, findAnswerPhone, refusalRefusals, reportRefusals, validClaimAt } from './rules.ts'
import { signatureOf } from './signature.ts'
import {
  countReports,
  findCallerByPhone,
  findCategory,
  findMember,
  findReport,
  insertReport,
  type LockedReport,
  listReports as listReportRows,
  locateCommune,
  lockReport,
  type ReportRow,
  updateDecision,
} from './store.ts'

/**
 * Records a call to 17. If a member has the caller's number, the caller is recognised as that member. The same request
 * with the same id again returns the report that it created.
 * @throws AppError with every problem at once (`invalid_input`, or the code that they share); `id_taken`
 */
export async function createReport(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>,
  actor: Actor,
  schemeId: string,
  input: NewReport,
): Promise<ReportView> {
  authorize(actor, 'report.create', schemeId)
  const now = deps.now()
  const id = input.id ?? deps.newId()
  const calledAt = input.calledAt === undefined ? now : new Date(input.calledAt)
  const occurredAt = input.occurredAt === undefined ? calledAt : new Date(input.occurredAt)
  const { callerPhone, phoneProblem } = readCallerPhone(input)
  const exercise = input.exercise ?? false
  const { view, isNew } = await inScheme(deps.db, schemeId, async (tx) => {
    const repeated = await findRepeatedReport(tx, schemeId, input.id, {
      creator: actorName(actor),
      isSame: (row) => hasContentOf(row, input),
    })
    if (repeated !== undefined) return { view: toReportView(repeated, now), isNew: false }
    const context = await getAreaContext(tx, schemeId)
    const named = input.callerMemberId && (await findMember(tx, schemeId, input.callerMemberId))
    const formerName = await readFormerName(tx, input)
    const problems = reportRefusals({
      now,
      categoryCode: input.categoryCode,
      category: await findCategory(tx, schemeId, input.categoryCode),
      communeCode: input.communeCode,
      commune: await locateCommune(tx, context, input.communeCode),
      formerName,
      calledAt,
      occurredAt,
      lateReason: input.lateReason,
      lateAfterMinutes: (await getDoctrine(tx, schemeId)).lateAfterMinutes,
      phoneProblem,
      callerIsMember: input.callerMemberId === undefined ? undefined : named !== undefined,
      exercise,
      hasSimulator: deps.config.gateways.some((gateway) => gateway.simulated),
    })
    if (problems.length > 0) throw refusalOf(problems)
    const known =
      callerPhone === null ? undefined : await findCallerByPhone(tx, schemeId, callerPhone, input.communeCode)
    const caller = named || known
    const signature = await signatureOf(tx, actor, schemeId)
    await insertReport(tx, {
      schemeId,
      id,
      categoryCode: input.categoryCode,
      communeCode: input.communeCode,
      formerName: formerName ?? null,
      place: input.place || null,
      calledAt,
      occurredAt,
      lateReason: input.lateReason || null,
      callerPhone,
      callerName: input.callerName || known?.person || null,
      callerMemberId: caller?.memberId ?? null,
      callerContactId: null,
      called17: null,
      facts: input.facts || null,
      agencyId: signature.agencyId,
      createdAt: now,
      createdBy: signature.text,
      exercise,
    })
    const created = toReportView(await getReportRow(tx, schemeId, id), now)
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'report.create',
      subject: `report:${id}`,
      details: {
        category: input.categoryCode,
        commune: input.communeCode,
        calledAt: calledAt.toISOString(),
        callerMember: caller?.memberId ?? null,
        exercise,
      },
    })
    return { view: created, isNew: true }
  })
  if (isNew) deps.live.publish({ type: 'report', schemeId, reportId: id })
  return view
}

function readCallerPhone({ callerPhone }: Pick<NewReport, 'callerPhone'>) {
  const phone = callerPhone ? parsePhone(callerPhone) : undefined
  if (phone === undefined) return { callerPhone: null, phoneProblem: undefined }
  return 'value' in phone
    ? { callerPhone: phone.value.e164, phoneProblem: undefined }
    : { callerPhone: null, phoneProblem: phone.problem }
}

/** Returns the former name that a report names; undefined: it names none; null: its commune has no such name. */
async function readFormerName(
  tx: Tx,
  { communeCode, formerName }: Pick<NewReport, 'communeCode' | 'formerName'>,
): Promise<string | null | undefined> {
  if (!formerName) return undefined
  return (await findFormerName(tx, communeCode, formerName)) ?? null
}

/** Returns one report. @throws AppError `not_found` */
export async function getReport(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<ReportView> {
  authorize(actor, 'report.read', schemeId)
  const now = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    const report = toReportView(await getReportRow(tx, schemeId, id), now)
    await recordRead(tx, schemeId, now, actor, { action: 'report.read', subject: `report:${id}` })
    return report
  })
}

/**
 * Lists reports, latest call first, with the number in each state.
 * @throws AppError `invalid_input` for a `before` that no page returned
 */
export async function listReports(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  query: ReportQuery,
): Promise<ReportList> {
  authorize(actor, 'report.read', schemeId)
  const now = deps.now()
  const before = query.before === undefined ? undefined : decodeInstantCursor(query.before, 'before', UUID)
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await listReportRows(tx, schemeId, { ...query, limit: query.limit + 1 }, before)
    const shown = rows.slice(0, query.limit)
    const last = shown.at(-1)
    const counts = await countReports(tx, schemeId, query)
    await recordRead(tx, schemeId, now, actor, { action: 'report.read', subject: `scheme:${schemeId}` })
    return {
      reports: shown.map((row) => toReportView(row, now)),
      counts,
      next:
        rows.length > query.limit && last !== undefined
          ? encodeInstantCursor({ at: last.calledAt, id: last.id })
          : null,
    }
  })
}

/**
 * Refuses a report, with a reason; optionally answers the caller by SMS.
 * @throws AppError `not_found`, `already_decided`, or every problem at once: "other" without a note; an answer without a
 * text, too long, or to a caller without a mobile
 */
export async function refuseReport(
  deps: Pick<Deps, 'db' | 'now' | 'jobs' | 'live' | 'config'>,
  actor: Actor,
  schemeId: string,
  id: string,
  input: RefuseReport,
): Promise<ReportView> {
  authorize(actor, 'report.decide', schemeId)
  const now = deps.now()
  const view = await inScheme(deps.db, schemeId, async (tx) => {
    await lockWaitingReport(tx, schemeId, id)
    const answer = readAnswerFacts(deps, input.answer, await getReportRow(tx, schemeId, id))
    const problems = refusalRefusals(input.reason, input.note, answer)
    if (problems.length > 0) throw refusalOf(problems)
    await updateDecision(tx, schemeId, id, {
      state: 'refused',
      refusalCode: input.reason,
      refusalNote: input.note || null,
      answerText: input.answer ?? null,
      decidedAt: now,
      decidedBy: (await signatureOf(tx, actor, schemeId)).text,
    })
    await deps.jobs.enqueue(tx, 'report.refused', { schemeId, reportId: id })
    const refused = toReportView(await getReportRow(tx, schemeId, id), now)
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'report.refuse',
      subject: `report:${id}`,
      details: { reason: input.reason, answered: input.answer !== undefined },
    })
    return refused
  })
  deps.live.publish({ type: 'report', schemeId, reportId: id })
  return view
}

function readAnswerFacts(
  { config }: Pick<Deps, 'config'>,
  text: string | undefined,
  report: ReportRow,
): AnswerFacts | undefined {
  if (text === undefined) return undefined
  return {
    text,
    parts: segmentMessage(text, { fold: true }).parts.length,
    phone: findAnswerPhone(report),
    hasRoute: config.gateways.some(({ simulated }) => simulated || !report.exercise),
  }
}

/**
 * Locks a report that is not decided yet.
 * @throws AppError `not_found`, `already_decided`
 */
export async function lockWaitingReport(tx: Tx, schemeId: string, id: string): Promise<LockedReport> {
  const report = await lockReport(tx, schemeId, id)
  if (report === undefined) throw new AppError('not_found')
  if (report.state !== 'waiting') throw new AppError('already_decided')
  return report
}

export async function getReportRow(tx: Tx, schemeId: string, id: string): Promise<ReportRow> {
  const row = await findReport(tx, schemeId, id)
  if (row === undefined) throw new AppError('not_found')
  return row
}

export function toReportView(row: ReportRow, now: Date): ReportView {
  const claim = row.state === 'waiting' ? validClaimAt(row, now) : null
  return {
    id: row.id,
    category: {
      code: row.categoryCode,
      labelFr: row.labelFr,
      labelEn: row.labelEn,
      severity: row.severity,
    },
    commune: { code: row.communeCode, name: row.communeName, formerName: row.formerName },
    place: row.place,
    calledAt: row.calledAt.toISOString(),
    occurredAt: row.occurredAt.toISOString(),
    lateReason: row.lateReason,
    caller: toCaller(row),
    facts: row.facts,
    agency:
      row.agencyName !== null && row.agencyKind !== null
        ? { name: row.agencyName, kind: row.agencyKind }
        : null,
    state: row.state,
    refusal:
      row.refusalCode === null ? null : { code: row.refusalCode as RefusalCode, note: row.refusalNote },
    answer:
      row.answerText === null
        ? null
        : {
            text: row.answerText,
            state: row.answerState ?? 'waiting',
            at: row.answerAt?.toISOString() ?? null,
          },
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decidedBy: row.decidedBy,
    createdBy: row.createdBy,
    exercise: row.exercise,
    portal: row.called17 !== null,
    called17: row.called17,
    relay:
      row.relayScheme !== null && row.relayReference !== null
        ? { scheme: row.relayScheme, reference: row.relayReference, note: row.relayNote }
        : null,
    claim: claim && { ...claim, at: claim.at.toISOString(), until: claim.until.toISOString() },
    alert: toAlertOfReport(row),
    rejection: toRejection(row),
  }
}

/** Returns the caller with a masked number, which also appears on the screens of others. */
function toCaller(row: ReportRow): ReportView['caller'] {
  const { callerName: name, callerPhone: phone, callerMemberId, callerMemberName } = row
  const member =
    callerMemberId !== null && callerMemberName !== null
      ? { id: callerMemberId, name: callerMemberName }
      : null
  if (name === null && phone === null && member === null) return null
  return {
    name,
    phone: phone === null ? null : maskPhone(phone),
    member,
    answerable: findAnswerPhone(row) !== undefined,
  }
}

function toAlertOfReport(row: ReportRow): ReportView['alert'] {
  const { alertId: id, alertReference: reference, alertState: state } = row
  if (id === null || reference === null || state === null) return null
  const { alertAnsweredAt: at, alertAnsweredBy: by, alertAnswer: reason } = row
  return {
    id,
    reference,
    state,
    orderedAt: row.alertOrderedAt?.toISOString() ?? null,
    answer: at !== null && by !== null ? { at: at.toISOString(), by, reason } : null,
  }
}

/** Returns the latest alert of the report that a second person rejected. */
function toRejection(row: ReportRow): ReportView['rejection'] {
  const { rejectedId: alertId, rejectedReference: reference, rejectedAt: at } = row
  if (alertId === null || reference === null || at === null) return null
  return {
    alertId,
    reference,
    text: row.rejectedText ?? '',
    reason: row.rejectedReason ?? '',
    by: row.rejectedBy ?? '',
    at: at.toISOString(),
  }
}
