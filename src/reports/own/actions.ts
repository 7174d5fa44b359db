import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { formatMessage } from '../../i18n/format.ts'
import { HOUR_MS } from '../../message/clock.ts'
import type { ShopId } from '../../permissions.ts'
import { type Actor, authorizeOwn } from '../../permissions.ts'
import { inScheme, inShop, type Tx } from '../../platform/db.ts'
import { getDoctrine } from '../../schemes/store.ts'
import { getAreaContext } from '../../territory/store/areas.ts'
import { findRepeatedReport, hasLateReason, isSameInstant } from '../repeat.ts'
import { reportRefusals } from '../rules.ts'
import { findCategory, insertReport, locateCommune, type ReportRow } from '../store.ts'
import type { NewOwnReport, OwnReportForm, OwnReportList, OwnReportView } from './contract.ts'
import {
  countReportsSince,
  findReporter,
  listOwnReportRows,
  listReportable,
  type OwnReportRow,
  type Reporter,
} from './store.ts'

/** Maximum number of reports of one shop per hour, to protect the operators' queue. */
export const REPORTS_AN_HOUR = 5
const SHOWN = 20

/**
 * Returns the initial values of a shop's report form. @throws AppError `not_found`, `forbidden` if its member is not active
 */
export async function getReportForm(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  of: ShopId,
): Promise<OwnReportForm> {
  const shop = authorizeOwn(actor, 'own.report', of)
  const { reporter, categories } = await inShop(deps.db, shop, async (tx) => ({
    reporter: await findReporter(tx, shop),
    categories: await listReportable(tx, shop.schemeId),
  }))
  if (reporter === undefined) throw new AppError('not_found')
  const { lateAfterMinutes } = await inScheme(deps.db, shop.schemeId, (tx) => getDoctrine(tx, shop.schemeId))
  return { categories, commune: reporter.communeName, place: formatPlace(reporter), lateAfterMinutes }
}

function formatPlace({ name, address }: Reporter): string {
  return [name, address].filter(Boolean).join(', ').slice(0, 200)
}

/**
 * Submits a report to the operators in the name of a contact and its shop: it waits in their queue like a call. It does not
 * replace a call to 17, and the portal says so first. The same request with the same id again returns the report that it
 * created.
 * @throws AppError with every problem at once; `id_taken`; `rate_limited` after five within an hour from one shop; `not_found`,
 * `forbidden` if its member is not active
 */
export async function reportFromShop(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>,
  actor: Actor,
  of: ShopId,
  input: NewOwnReport,
): Promise<OwnReportView> {
  const shop = authorizeOwn(actor, 'own.report', of)
  const { schemeId, memberId, contactId } = shop
  const now = deps.now()
  const id = input.id ?? deps.newId()
  const occurredAt = input.occurredAt === undefined ? now : new Date(input.occurredAt)
  const reporter = await inShop(deps.db, shop, (tx) => findReporter(tx, shop))
  if (reporter === undefined) throw new AppError('not_found')
  const place = input.place || formatPlace(reporter)
  const isNew = await inScheme(deps.db, schemeId, async (tx) => {
    const repeated = await findRepeatedReport(tx, schemeId, input.id, {
      creator: shop.name,
      isSame: (row) =>
        row.callerContactId === contactId &&
        row.callerMemberId === memberId &&
        row.place === place &&
        hasContentOf(row, input),
    })
    if (repeated !== undefined) return false
    const problems = await reportProblems(tx, schemeId, input, { now, occurredAt, reporter })
    if (problems.length > 0) throw refusalOf(problems)
    await limitReports(tx, schemeId, memberId, now)
    await insertReport(tx, {
      schemeId,
      id,
      categoryCode: input.categoryCode,
      communeCode: reporter.communeCode,
      place,
      calledAt: now,
      occurredAt,
      lateReason: input.lateReason || null,
      callerPhone: reporter.phone,
      callerName: reporter.person || null,
      callerMemberId: memberId,
      callerContactId: contactId,
      called17: input.called17,
      facts: formatFacts(input),
      agencyId: null,
      createdAt: now,
      createdBy: `${reporter.person || reporter.name} (${reporter.name})`,
      exercise: false,
    })
    await recordAudit(tx, schemeId, now, {
      actor: shop.name,
      action: 'report.create',
      subject: `report:${id}`,
      details: {
        category: input.categoryCode,
        commune: reporter.communeCode,
        callerMember: memberId,
        portal: true,
        called17: input.called17,
      },
    })
    return true
  })
  if (isNew) deps.live.publish({ type: 'report', schemeId, reportId: id })
  const [row] = (await inShop(deps.db, shop, (tx) => listOwnReportRows(tx, schemeId, SHOWN))).filter(
    (one) => one.id === id,
  )
  if (row === undefined) throw new AppError('not_found')
  return toOwnReportView(row)
}

/** Returns whether a report has the category, facts and times of a request. */
function hasContentOf(row: ReportRow, input: NewOwnReport): boolean {
  // Without a time, it happened at the moment of the first request.
  const isSameTime =
    input.occurredAt === undefined
      ? row.occurredAt.getTime() === row.calledAt.getTime()
      : isSameInstant(row.occurredAt, input.occurredAt)
  return (
    isSameTime &&
    row.categoryCode === input.categoryCode &&
    row.facts === formatFacts(input) &&
    hasLateReason(row, input.lateReason)
  )
}

/** Lists why a report cannot be submitted. */
async function reportProblems(
  tx: Tx,
  schemeId: string,
  { categoryCode, lateReason }: NewOwnReport,
  of: { readonly now: Date; readonly occurredAt: Date; readonly reporter: Reporter },
): Promise<Problem[]> {
  const { now, occurredAt, reporter } = of
  const { communeCode } = reporter
  const context = await getAreaContext(tx, schemeId)
  const category = categoryCode === '' ? undefined : await findCategory(tx, schemeId, categoryCode)
  const problems = reportRefusals({
    now,
    categoryCode,
    category: category?.level === 'prevention' ? undefined : category,
    communeCode,
    commune: await locateCommune(tx, context, communeCode),
    calledAt: now,
    occurredAt,
    lateReason,
    lateAfterMinutes: (await getDoctrine(tx, schemeId)).lateAfterMinutes,
    phoneProblem: undefined,
    callerIsMember: undefined,
    exercise: false,
    hasSimulator: true,
  })
  if (categoryCode !== '') return problems
  // A category not chosen yet is missing, not unknown.
  return problems.map((problem) =>
    problem.path === 'categoryCode' ? { code: 'input.required', path: 'categoryCode' } : problem,
  )
}

/** Refuses a report of a shop that submitted as many as it may within an hour. @throws AppError `rate_limited` */
async function limitReports(tx: Tx, schemeId: string, memberId: string, now: Date): Promise<void> {
  const since = new Date(now.getTime() - HOUR_MS)
  const { count, first } = await countReportsSince(tx, schemeId, memberId, since)
  if (count < REPORTS_AN_HOUR) return
  const freeAt = (first ?? now).getTime() + HOUR_MS
  const seconds = Math.max(1, Math.ceil((freeAt - now.getTime()) / 1000))
  throw new AppError('rate_limited', { values: { seconds } })
}

/** Formats the facts as an operator would write them into a message: what happened, then the direction of flight. */
function formatFacts({ facts, flight }: NewOwnReport): string | null {
  const [happened, fled] = [facts, flight].map((words) => words.trim().replace(/[\s.,;]+$/, '')) as [
    string,
    string,
  ]
  const way = TELLS_HOW.test(fled) ? 'how' : IS_PLACE.test(fled) ? 'where' : 'other'
  const parts = [happened, fled === '' ? '' : formatMessage('fr', `report.flight.${way}`, { flight: fled })]
  const known = parts.filter((part) => part !== '')
  return known.length === 0 ? null : known.join(', ')
}

/** Words that may follow "fuite" as they are: a preposition, or how one flees. */
const TELLS_HOW = /^(?:vers|direction|à|a|au|aux|en|par|dans|sur|côté|cote)(?![\p{L}\p{N}])/iu
/** A place: a name, or a word with its article. */
const IS_PLACE = /^(?:\p{Lu}|l[ae]s?\s|l['’])/u

/** Lists the reports of a shop, latest first, with their outcome. */
export async function listOwnReports(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  of: ShopId,
): Promise<OwnReportList> {
  const shop = authorizeOwn(actor, 'own.read', of)
  const rows = await inShop(deps.db, shop, (tx) => listOwnReportRows(tx, shop.schemeId, SHOWN))
  return { reports: rows.map(toOwnReportView) }
}

function toOwnReportView(row: OwnReportRow): OwnReportView {
  return {
    id: row.id,
    category: { labelFr: row.labelFr, labelEn: row.labelEn },
    place: row.place,
    facts: row.facts,
    occurredAt: row.occurredAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    state: toOwnReportState(row),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    answer: row.answerText,
  }
}

function toOwnReportState({ state, claimedAt }: OwnReportRow): OwnReportView['state'] {
  if (state === 'waiting') return claimedAt === null ? 'received' : 'taken'
  return state === 'broadcast' ? 'broadcast' : 'closed'
}
