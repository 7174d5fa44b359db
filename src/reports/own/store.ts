import { sql } from 'kysely'
import type { ShopTx, Tx } from '../../platform/db.ts'
import type { ReportState } from '../../schema.ts'

export interface OwnReportRow {
  readonly id: string
  readonly labelFr: string
  readonly labelEn: string
  readonly place: string | null
  readonly facts: string | null
  readonly occurredAt: Date
  readonly createdAt: Date
  readonly state: ReportState
  readonly claimedAt: Date | null
  readonly answerText: string | null
  readonly decidedAt: Date | null
}

/** Lists the reports made by contacts of this transaction's member, latest first; row-level security policies select them. */
export async function listOwnReportRows(
  tx: ShopTx,
  schemeId: string,
  limit: number,
): Promise<OwnReportRow[]> {
  return tx
    .selectFrom('reports')
    .innerJoin('categories', (join) =>
      join
        .onRef('categories.schemeId', '=', 'reports.schemeId')
        .onRef('categories.code', '=', 'reports.categoryCode'),
    )
    .select(['reports.id', 'labelFr', 'labelEn', 'place', 'facts', 'occurredAt', 'createdAt'])
    .select(['state', 'claimedAt', 'answerText', 'decidedAt'])
    .where('reports.schemeId', '=', schemeId)
    .orderBy('createdAt', 'desc')
    .orderBy('reports.id', 'desc')
    .limit(limit)
    .execute()
}

/** Lists the categories that can be reported, in the scheme's order; prevention messages cannot. */
export async function listReportable(
  tx: ShopTx,
  schemeId: string,
): Promise<{ code: string; labelFr: string; labelEn: string }[]> {
  return tx
    .selectFrom('categories')
    .select(['code', 'labelFr', 'labelEn'])
    .where('schemeId', '=', schemeId)
    .where('active', '=', true)
    .where('level', '<>', 'prevention')
    .orderBy('position')
    .orderBy('code')
    .execute()
}

/** A shop and its contact, as named in its reports. */
export interface Reporter {
  readonly name: string
  readonly address: string | null
  readonly communeCode: string
  readonly communeName: string
  readonly person: string
  readonly phone: string | null
}

export async function findReporter(
  tx: ShopTx,
  shop: { readonly schemeId: string; readonly memberId: string; readonly contactId: string },
): Promise<Reporter | undefined> {
  return tx
    .selectFrom('members')
    .innerJoin('contacts', (join) =>
      join.onRef('contacts.schemeId', '=', 'members.schemeId').onRef('contacts.memberId', '=', 'members.id'),
    )
    .innerJoin('communes', 'communes.code', 'members.communeCode')
    .select(['members.name', 'members.address', 'members.communeCode', 'communes.name as communeName'])
    .select(['contacts.person', 'contacts.mobile as phone'])
    .where('members.schemeId', '=', shop.schemeId)
    .where('members.id', '=', shop.memberId)
    .where('contacts.id', '=', shop.contactId)
    .executeTakeFirst()
}

/**
 * Counts a shop's reports since an instant, with the first of them. Concurrent callers for the same shop wait until the
 * transaction ends, otherwise two would miss each other's report.
 */
export async function countReportsSince(
  tx: Tx,
  schemeId: string,
  memberId: string,
  since: Date,
): Promise<{ readonly count: number; readonly first: Date | null }> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`reports of:${memberId}`}, 0))`.execute(tx)
  const found = await tx
    .selectFrom('reports')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('createdAt').as('first')])
    .where('schemeId', '=', schemeId)
    .where('callerMemberId', '=', memberId)
    .where('callerContactId', 'is not', null)
    .where('createdAt', '>', since)
    .executeTakeFirstOrThrow()
  return { count: found.count, first: found.first === null ? null : new Date(found.first) }
}

/** Finds the member whose contact made a report on the portal; undefined if it was a call. */
export async function findReportingMember(
  tx: Tx,
  schemeId: string,
  reportId: string,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('reports')
    .select('callerMemberId')
    .where('schemeId', '=', schemeId)
    .where('id', '=', reportId)
    .where('callerContactId', 'is not', null)
    .executeTakeFirst()
  return row?.callerMemberId ?? undefined
}
