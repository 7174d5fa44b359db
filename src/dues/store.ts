import { type RawBuilder, sql } from 'kysely'
import { lateAccounts, type MemberScope, memberFilters } from '../members/filters.ts'
import { townOfLetter } from '../members/store.ts'
import { KNOWN_AFTER_DAYS } from '../outbox/reached.ts'
import { timeZoneSql } from '../platform/database/time-zone.ts'
import type { Tx } from '../platform/db.ts'
import type { DuesNoticeKind, MemberStatus, PaymentWay } from '../schema.ts'
import { DuesSettings } from '../schemes/contract.ts'
import { isSame } from '../settings/rules.ts'
import type { DuesFacet, DuesQuery, DuesState } from './contract.ts'
import { noticeHasReached } from './reminders/notify.ts'
import { addDays, chequeKey, type Fees } from './rules.ts'

/** Reads the settings of dues. @param lock for a caller that writes them */
export async function findDuesSettings(
  tx: Tx,
  schemeId: string,
  { lock = false } = {},
): Promise<DuesSettings | undefined> {
  const query = tx.selectFrom('schemes').select('dues').where('id', '=', schemeId)
  const scheme = await (lock ? query.forNoKeyUpdate() : query).executeTakeFirst()
  return scheme === undefined ? undefined : DuesSettings.parse(scheme.dues)
}

/** Lists the years of a scheme's campaigns, latest first. */
export async function listCampaignYears(tx: Tx, schemeId: string): Promise<number[]> {
  const rows = await tx
    .selectFrom('duesCampaigns')
    .select('year')
    .where('schemeId', '=', schemeId)
    .orderBy('year', 'desc')
    .execute()
  return rows.map(({ year }) => year)
}

/**
 * Returns the current fees: those of a year's campaign, or of the next one; without one those that the settings plan for the
 * year; null if there are none. What the last campaign left in the settings is no plan once a whole year had no campaign: the
 * scheme charges no more.
 */
export async function findCurrentFee(
  tx: Tx,
  schemeId: string,
  year: number,
): Promise<(Omit<Fees, 'dueOn'> & { readonly planned: boolean }) | null> {
  const campaign = await tx
    .selectFrom('duesCampaigns')
    .select(['year', 'feeCents', 'tradeFees', 'proRata'])
    .where('schemeId', '=', schemeId)
    .where('year', '>=', year)
    .orderBy('year')
    .limit(1)
    .executeTakeFirst()
  if (campaign !== undefined) return { ...campaign, planned: false }
  const fees = (await findDuesSettings(tx, schemeId))?.fees ?? null
  const last = await tx
    .selectFrom('duesCampaigns')
    .select(['year', 'feeCents', 'tradeFees', 'proRata'])
    .where('schemeId', '=', schemeId)
    .orderBy('year', 'desc')
    .limit(1)
    .executeTakeFirst()
  const isLeft = last !== undefined && last.year < year - 1 && isSame({ ...fees, year: last.year }, last)
  return fees === null || isLeft ? null : { ...fees, year, planned: true }
}

/** Tells whether a scheme has dues accounts: it has opened a campaign before. */
export async function keepsDues(tx: Tx, schemeId: string): Promise<boolean> {
  const { rows } = await sql<{ keeps: boolean }>`
    select exists (select from dues_campaigns where scheme_id = ${schemeId})
      or exists (select from ledger_entries where scheme_id = ${schemeId}) as keeps`.execute(tx)
  return rows[0]?.keeps === true
}

export interface Campaign extends Fees {
  readonly openedAt: Date
}

export async function findCampaign(tx: Tx, schemeId: string, year: number): Promise<Campaign | undefined> {
  return tx
    .selectFrom('duesCampaigns')
    .select(['year', 'feeCents', 'tradeFees', 'proRata', 'dueOn', 'openedAt'])
    .where('schemeId', '=', schemeId)
    .where('year', '=', year)
    .executeTakeFirst()
}

/**
 * Computes what remains of every member's year: payments settle the oldest year first, so a year owes what the account owes
 * beyond all later years (rules.ts does the same for one account). What is waived for a year alone is not part of it.
 * @param members limits it to these members; all if absent
 */
export function remainingDues(schemeId: string, members?: readonly string[]): RawBuilder<unknown> {
  const among = (column: string) =>
    members === undefined ? sql`` : sql`and ${sql.ref(column)} = any (${members}::uuid[])`
  return sql`
    select d.year, d.member_id, d.amount_cents, d.waived_cents, d.due_on,
      greatest(0, least(d.amount_cents - d.waived_cents, coalesce(b.cents, 0) - coalesce(sum(d.amount_cents - d.waived_cents) over (
        partition by d.member_id order by d.year desc rows between unbounded preceding and 1 preceding), 0)))::int as remaining_cents
    from dues d left join (
      select member_id, sum(debit_cents - credit_cents) as cents from ledger_lines
      where scheme_id = ${schemeId} and member_id is not null ${among('memberId')}
      group by member_id) b on b.member_id = d.member_id
    where d.scheme_id = ${schemeId} ${among('d.memberId')}`
}

/**
 * Condition on a notice `n` of any scheme: its member, still in the scheme, owes part of the notice's year (as in
 * `remainingDues`).
 */
export const noticeYearIsUnpaid = sql<boolean>`exists (
  select from dues d join members m on m.scheme_id = d.scheme_id and m.id = d.member_id and m.status in ('active', 'suspended')
  where d.scheme_id = n.scheme_id and d.member_id = n.member_id and d.year = n.year and d.amount_cents > d.waived_cents
    and (select sum(l.debit_cents - l.credit_cents) from ledger_lines l
        where l.scheme_id = d.scheme_id and l.member_id = d.member_id)
      > (select coalesce(sum(e.amount_cents - e.waived_cents), 0) from dues e
        where e.scheme_id = d.scheme_id and e.member_id = d.member_id and e.year > d.year))`

/** Condition on `r`, a row of `remainingDues`. */
function duesStateIs(state: DuesState, today: string): RawBuilder<unknown> {
  switch (state) {
    case 'exempt':
      return sql`r.amount_cents = 0`
    case 'paid':
      return sql`r.amount_cents > 0 and r.remaining_cents = 0`
    case 'due':
      return sql`r.remaining_cents > 0 and r.due_on >= ${today}::date`
    case 'late':
      return sql`r.remaining_cents > 0 and r.due_on < ${today}::date`
  }
}

/** Condition on a member `m`: it is suspended by the rule. */
const isSuspendedByRule = sql<boolean>`(m.status = 'suspended' and exists (
  select from dues_suspensions s where s.scheme_id = m.scheme_id and s.member_id = m.id and s.restored_at is null))`

/** Condition on a notice `n`: too recent to know whom it reached. */
const isOutcomePending = (today: string) => sql<boolean>`(n.kind = 'warning'
  and (n.at at time zone ${timeZoneSql(sql`n.scheme_id`)})::date > ${addDays(today, -KNOWN_AFTER_DAYS)}::date)`

/**
 * Condition on a member `m` and its year `r`: it was warned since its last suspension, and the warning reached no contact;
 * false while that may still change.
 */
const isUnnotified = (
  today: string,
) => sql<boolean>`(m.status = 'active' and r.remaining_cents > 0 and exists (
  select from dues_notices n
  where n.scheme_id = m.scheme_id and n.member_id = m.id and n.year = r.year and n.kind = 'warning'
    and n.at > coalesce((select max(s.suspended_at) from dues_suspensions s
      where s.scheme_id = m.scheme_id and s.member_id = m.id), '-infinity')
  having count(*) > 0 and not bool_or(${noticeHasReached} or ${isOutcomePending(today)})))`

/** Condition on `r` and its member `m`. @param suspends whether the rule suspends: otherwise no member needs a warning */
function facetCondition(facet: DuesFacet, today: string, suspends: boolean): RawBuilder<unknown> {
  if (facet === 'suspended') return isSuspendedByRule
  if (facet === 'unnotified') return suspends ? isUnnotified(today) : sql`false`
  return duesStateIs(facet, today)
}

export interface DuesRow {
  readonly id: string
  readonly name: string
  readonly searchName: string
  readonly trade: string
  readonly communeCode: string
  readonly communeName: string
  readonly status: MemberStatus
  readonly amountCents: number
  readonly remainingCents: number
  readonly dueOn: string
  readonly lateSince: string | null
  readonly suspended: boolean
  readonly unnotified: boolean
}

/** The last member of a page, and how long it has been late where the list is sorted by that. */
export interface DuesPosition {
  readonly lateSince: string | null
  readonly searchName: string
  readonly id: string
}

/** Lists one page of a year's members, by name or by how long they have been late, after a position in that order. */
export async function listDues(
  tx: Tx,
  schemeId: string,
  year: number,
  query: Pick<DuesQuery, 'facet' | 'q' | 'trade' | 'sort'>,
  options: {
    readonly today: string
    readonly suspends: boolean
    readonly limit: number
    readonly after: DuesPosition | undefined
    readonly only: MemberScope
  },
): Promise<DuesRow[]> {
  const { after, today, suspends } = options
  const byAge = query.sort === 'age'
  // A day after all others stands for members that are not late.
  const since = sql`coalesce(r.late_since, 'infinity')`
  const { rows } = await sql<DuesRow>`
    select m.id, m.name, m.search_name, m.trade, m.commune_code, k.name as commune_name, m.status,
      r.amount_cents, r.remaining_cents, r.due_on, r.late_since, ${isSuspendedByRule} as suspended,
      ${facetCondition('unnotified', today, suspends)} as unnotified
    from (
      select y.*, min(y.due_on) filter (where y.remaining_cents > 0 and y.due_on < ${today}::date)
        over (partition by y.member_id) as late_since
      from (${remainingDues(schemeId)}) y) r
    join members m on m.scheme_id = ${schemeId} and m.id = r.member_id
    join communes k on k.code = m.commune_code
    where r.year = ${year} and ${memberFilters(schemeId, { q: query.q, trade: query.trade }, { ...options.only, merged: true })}
      ${query.facet === undefined ? sql`` : sql`and ${facetCondition(query.facet, today, suspends)}`}
      ${after === undefined ? sql`` : byAge ? sql`and (${since}, m.search_name, m.id) > (${after.lateSince ?? 'infinity'}::date, ${after.searchName}, ${after.id}::uuid)` : sql`and (m.search_name, m.id) > (${after.searchName}, ${after.id}::uuid)`}
    order by ${byAge ? sql`${since},` : sql``} m.search_name, m.id limit ${options.limit}`.execute(tx)
  return rows
}

export interface DuesSums {
  readonly state: DuesState
  readonly members: number
  readonly calledCents: number
  readonly remainingCents: number
  readonly suspended: number
  readonly unnotified: number
}

/** Sums a year's dues by state, over the members that a reader may see. */
export async function sumDues(
  tx: Tx,
  schemeId: string,
  year: number,
  options: { readonly today: string; readonly suspends: boolean; readonly only: MemberScope },
): Promise<DuesSums[]> {
  const { today, suspends, only } = options
  const { rows } = await sql<DuesSums>`
    select case when ${duesStateIs('exempt', today)} then 'exempt' when ${duesStateIs('paid', today)} then 'paid'
        when ${duesStateIs('due', today)} then 'due' else 'late' end as state,
      count(*)::int as members, sum(r.amount_cents)::int as called_cents, sum(r.remaining_cents)::int as remaining_cents,
      (count(*) filter (where ${isSuspendedByRule}))::int as suspended,
      (count(*) filter (where ${facetCondition('unnotified', today, suspends)}))::int as unnotified
    from (${remainingDues(schemeId)}) r
    join members m on m.scheme_id = ${schemeId} and m.id = r.member_id
    where r.year = ${year} ${only.trades === undefined ? sql`` : sql`and m.trade = any (${only.trades}::text[])`}
    group by 1`.execute(tx)
  return rows
}

export interface Arrears {
  readonly members: number
  readonly cents: number
}

/** Sums what members owe past its due day, of all years: the members that the list of members shows as late. */
export async function sumArrears(
  tx: Tx,
  schemeId: string,
  options: { readonly today: string; readonly only: MemberScope },
): Promise<Arrears> {
  const { rows } = await sql<Arrears>`
    select count(*)::int as members, coalesce(sum(a.late_cents), 0)::int as cents
    from (${lateAccounts(schemeId, options.today)}) a join members m on m.id = a.member_id
    where ${memberFilters(schemeId, {}, options.only)}`.execute(tx)
  return rows[0] ?? { members: 0, cents: 0 }
}

export interface LateYear {
  readonly year: number
  readonly members: number
  /** The earliest due day of those that are late. */
  readonly dueOn: string
}

/** Lists the years of which members owe dues past their due day, oldest first. */
export async function listLateYears(
  tx: Tx,
  schemeId: string,
  options: { readonly today: string; readonly only: MemberScope },
): Promise<LateYear[]> {
  const { today, only } = options
  const { rows } = await sql<LateYear>`
    select r.year, count(*)::int as members, min(r.due_on) as due_on
    from (${remainingDues(schemeId)}) r join members m on m.id = r.member_id
    where ${duesStateIs('late', today)} and ${memberFilters(schemeId, {}, { ...only, merged: true })}
    group by r.year order by r.year`.execute(tx)
  return rows
}

export interface PaidMember {
  readonly id: string
  readonly name: string
  readonly trade: string
  readonly status: MemberStatus
  readonly siret: string | null
  readonly address: string | null
  /** The name, with its postal code if that is known. */
  readonly communeName: string
}

/** Lists those of the given members that exist. */
export function listPayers(tx: Tx, schemeId: string, memberIds: readonly string[]): Promise<PaidMember[]> {
  return tx
    .selectFrom('members as m')
    .innerJoin('communes as c', 'c.code', 'm.communeCode')
    .select(['m.id', 'm.name', 'm.trade', 'm.status', 'm.siret', 'm.address'])
    .select(townOfLetter.as('communeName'))
    .where('m.schemeId', '=', schemeId)
    .where('m.id', '=', sql<string>`any (${memberIds}::uuid[])`)
    .execute()
}

export async function findPayer(tx: Tx, schemeId: string, memberId: string): Promise<PaidMember | undefined> {
  return (await listPayers(tx, schemeId, [memberId]))[0]
}

export interface YearRow {
  readonly memberId: string
  readonly year: number
  readonly amountCents: number
  /** The part that is waived for this year alone. */
  readonly waivedCents: number
  readonly remainingCents: number
  readonly dueOn: string
}

/** Lists the years of the given members, latest first. */
export async function listMemberYears(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
): Promise<YearRow[]> {
  const { rows } = await sql<YearRow>`
    select r.member_id, r.year, r.amount_cents, r.waived_cents, r.remaining_cents, r.due_on
    from (${remainingDues(schemeId, memberIds)}) r
    order by r.year desc`.execute(tx)
  return rows
}

const PAYMENTS = 100

/** Lists payments of a member with their receipts, latest first, at most 100. */
export async function listMemberPayments(tx: Tx, schemeId: string, memberId: string) {
  const rows = await tx
    .selectFrom('duesPayments as p')
    .innerJoin('duesReceipts as r', (join) =>
      join
        .onRef('r.schemeId', '=', 'p.schemeId')
        .onRef('r.paymentId', '=', 'p.id')
        .on('r.cancels', '=', false),
    )
    .leftJoin('duesReceipts as c', (join) =>
      join
        .onRef('c.schemeId', '=', 'p.schemeId')
        .onRef('c.paymentId', '=', 'p.id')
        .on('c.cancels', '=', true),
    )
    .select([
      'p.id',
      'p.way',
      'p.amountCents',
      'p.receivedOn',
      'p.reference',
      'p.cancelledAt',
      'p.cancelReason',
    ])
    .select(['r.year', 'r.no', 'c.year as cancelYear', 'c.no as cancelNo'])
    .where('p.schemeId', '=', schemeId)
    .where('p.memberId', '=', memberId)
    .orderBy('p.entryNo', 'desc')
    .limit(PAYMENTS)
    .execute()
  return rows
}

/** Lists those of the given members that have a debit under way. */
export async function listCollecting(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('duesDebits')
    .select('memberId')
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', sql<string>`any (${memberIds}::uuid[])`)
    .where('state', '=', 'pending')
    .execute()
  return new Set(rows.map(({ memberId }) => memberId))
}

/** Finds the debit under way of a member. */
export function findCollecting(tx: Tx, schemeId: string, memberId: string) {
  return tx
    .selectFrom('duesDebits as d')
    .innerJoin('duesDebitFiles as f', (join) =>
      join.onRef('f.schemeId', '=', 'd.schemeId').onRef('f.id', '=', 'd.fileId'),
    )
    .innerJoin('duesMandates as a', (join) =>
      join.onRef('a.schemeId', '=', 'd.schemeId').onRef('a.id', '=', 'd.mandateId'),
    )
    .select([
      'd.id',
      'd.amountCents',
      'f.collectOn as on',
      'f.id as fileId',
      'f.no',
      'f.handedAt',
      'a.revokedAt',
    ])
    .where('d.schemeId', '=', schemeId)
    .where('d.memberId', '=', memberId)
    .where('d.state', '=', 'pending')
    .executeTakeFirst()
}

/** Finds the latest valid payment by the same cheque (`chequeKey`), however its reference is written. */
export async function findCheque(tx: Tx, schemeId: string, reference: string) {
  const key = chequeKey(reference)
  if (key === undefined) return undefined
  // Candidates have its digits, possibly with leading zeros; or no digits at all.
  const digits = reference.replace(/[^0-9]/g, '').replace(/^0+/, '')
  const { rows } = await sql<{ name: string; amountCents: number; receivedOn: string; reference: string }>`
    select m.name, p.amount_cents, p.received_on, p.reference from dues_payments p
    join members m on m.scheme_id = p.scheme_id and m.id = p.member_id
    where p.scheme_id = ${schemeId} and p.way = 'cheque' and p.cancelled_at is null
      and ltrim(regexp_replace(p.reference, '[^0-9]', '', 'g'), '0') = ${digits}
    order by p.recorded_at desc`.execute(tx)
  return rows.find((row) => chequeKey(row.reference) === key)
}

/** Sums the refunds of a payment, in cents. */
export async function sumRefunded(tx: Tx, schemeId: string, paymentId: string): Promise<number> {
  const { rows } = await sql<{ cents: number }>`
    select coalesce(sum(amount_cents), 0)::int as cents from dues_refunds
    where scheme_id = ${schemeId} and payment_id = ${paymentId} and cancelled_at is null`.execute(tx)
  return rows[0]?.cents ?? 0
}

/**
 * Sums what a member paid, less refunds, in cents; negative if a payment was cancelled after a part of it was refunded.
 * @param way limits it to payments and refunds of this kind; all if absent
 */
export async function sumPaidLessRefunds(
  tx: Tx,
  schemeId: string,
  memberId: string,
  way?: PaymentWay,
): Promise<number> {
  const those = sql`scheme_id = ${schemeId} and member_id = ${memberId}::uuid and cancelled_at is null
    ${way === undefined ? sql`` : sql`and way = ${way}`}`
  const { rows } = await sql<{ cents: number }>`
    select ((select coalesce(sum(amount_cents), 0) from dues_payments where ${those})
      - (select coalesce(sum(amount_cents), 0) from dues_refunds where ${those}))::int as cents`.execute(tx)
  return rows[0]?.cents ?? 0
}

/** Lists refunds of a member with their papers, latest first, at most 100. */
export function listMemberRefunds(tx: Tx, schemeId: string, memberId: string) {
  return tx
    .selectFrom('duesRefunds as p')
    .innerJoin('duesReceipts as r', (join) =>
      join
        .onRef('r.schemeId', '=', 'p.schemeId')
        .onRef('r.refundId', '=', 'p.id')
        .on('r.cancels', '=', false),
    )
    .leftJoin('duesReceipts as c', (join) =>
      join.onRef('c.schemeId', '=', 'p.schemeId').onRef('c.refundId', '=', 'p.id').on('c.cancels', '=', true),
    )
    .select(['p.id', 'p.way', 'p.amountCents', 'p.paidOn', 'p.reference', 'p.reason', 'p.paymentId'])
    .select(['p.cancelledAt', 'p.cancelReason'])
    .select(['r.year', 'r.no', 'c.year as cancelYear', 'c.no as cancelNo'])
    .where('p.schemeId', '=', schemeId)
    .where('p.memberId', '=', memberId)
    .orderBy('p.entryNo', 'desc')
    .limit(PAYMENTS)
    .execute()
}

const WAIVER_PIECE = 'OD-'

/** Returns the supporting document of a cancelled waiver. */
export function waiverPiece(entryNo: number): string {
  return `${WAIVER_PIECE}${entryNo}`
}

/** Computes what is left of a waiver, in cents, from its entry `e` and the member's line `l`. */
export const waiverLeft = sql<number>`(l.credit_cents - coalesce((
  select sum(b.debit_cents) from ledger_entries c join ledger_lines b on b.scheme_id = c.scheme_id and b.no = c.no and b.line = 1
  where c.scheme_id = e.scheme_id and c.member_id = e.member_id and c.kind = 'cancellation'
    and c.piece = ${WAIVER_PIECE}::text || e.no), 0))::int`

const calledAt = (year: RawBuilder<unknown>) => sql`coalesce((select max(k.no) from ledger_entries k
  where k.scheme_id = e.scheme_id and k.member_id = e.member_id and k.kind = 'call' and k.piece = ${year}::text), e.no)`

/**
 * Computes the part of a waiver `e` (with `cents`, what is left of it) for the year of the dues `d`. A waiver without a year
 * applied to everything owed when it was written: its part for this year is what later years did not owe.
 */
export const waiverOfYear = sql<number>`(case when e.no < ${calledAt(sql`d.year`)} or e.year <> d.year then 0
  when e.year = d.year then e.cents
  else greatest(0, least(e.cents, d.amount_cents - d.waived_cents,
    (select sum(b.debit_cents - b.credit_cents) from ledger_lines b
      where b.scheme_id = e.scheme_id and b.member_id = e.member_id and b.no < e.no)
    - coalesce((select sum(o.amount_cents - o.waived_cents) from dues o where o.scheme_id = e.scheme_id and o.member_id = e.member_id
      and o.year > d.year and ${calledAt(sql`o.year`)} < e.no), 0))) end)::int`

/** Returns how much of a member's dues for a year is waived, in cents: at most what does not remain to be paid. */
export async function findWaivedOfYear(
  tx: Tx,
  schemeId: string,
  { memberId, year, amountCents, remainingCents }: YearRow,
): Promise<number> {
  const { rows } = await sql<{ cents: number }>`
    with e as (
      select e.scheme_id, e.no, e.member_id, e.year, ${waiverLeft} as cents from ledger_entries e
      join ledger_lines l on l.scheme_id = e.scheme_id and l.no = e.no and l.line = 1
      where e.scheme_id = ${schemeId} and e.member_id = ${memberId}::uuid and e.kind = 'waiver'
    )
    select coalesce(sum(${waiverOfYear}), 0)::int as cents from e
    join dues d on d.scheme_id = e.scheme_id and d.member_id = e.member_id and d.year = ${year} where e.cents > 0`.execute(
    tx,
  )
  return Math.min(rows[0]?.cents ?? 0, amountCents - remainingCents)
}

/** Lists a member's valid waivers, latest first. */
export async function listWaivers(tx: Tx, schemeId: string, memberId: string) {
  return tx
    .selectFrom('ledgerEntries as e')
    .innerJoin('ledgerLines as l', (join) =>
      join.onRef('l.schemeId', '=', 'e.schemeId').onRef('l.no', '=', 'e.no').on('l.line', '=', 1),
    )
    .select(['e.enteredOn as on', waiverLeft.as('amountCents'), 'e.piece as reason'])
    .where('e.schemeId', '=', schemeId)
    .where('e.memberId', '=', memberId)
    .where('e.kind', '=', 'waiver')
    .where(waiverLeft, '>', 0)
    .orderBy('e.no', 'desc')
    .limit(PAYMENTS)
    .execute()
}

/** Returns what is left of the given waivers, by entry, in cents, and their years; fully cancelled ones are absent. */
export async function findRemainingWaivers(
  tx: Tx,
  schemeId: string,
  entryNos: readonly number[],
): Promise<Map<number, { readonly cents: number; readonly year: number | null }>> {
  const rows = await tx
    .selectFrom('ledgerEntries as e')
    .innerJoin('ledgerLines as l', (join) =>
      join.onRef('l.schemeId', '=', 'e.schemeId').onRef('l.no', '=', 'e.no').on('l.line', '=', 1),
    )
    .select(['e.no', 'e.year', waiverLeft.as('cents')])
    .where('e.schemeId', '=', schemeId)
    .where('e.kind', '=', 'waiver')
    .where('e.no', '=', sql<number>`any (${entryNos}::integer[])`)
    .where(waiverLeft, '>', 0)
    .execute()
  return new Map(rows.map(({ no, ...one }) => [no, one]))
}

/** Lists the notices to a member, latest first, at most 100. `reached` is null while not known. */
export async function listDuesNotices(tx: Tx, schemeId: string, memberId: string, today: string) {
  const { rows } = await sql<{
    kind: DuesNoticeKind
    at: Date
    sms: number
    mails: number
    inPerson: 'phone' | 'letter' | 'visit' | null
    note: string
    reached: boolean | null
  }>`
    select n.kind, n.at, cardinality(n.contacts) as sms, n.mails, n.in_person, n.note,
      case when ${noticeHasReached} then true when ${isOutcomePending(today)} then null else false end as reached
    from dues_notices n where n.scheme_id = ${schemeId} and n.member_id = ${memberId}
    order by n.at desc, n.id desc limit ${PAYMENTS}`.execute(tx)
  return rows
}

/** Returns since when the rule suspends a member, and whether a warning about any year reached no contact. */
export async function findRuleState(
  tx: Tx,
  schemeId: string,
  memberId: string,
  options: { readonly suspends: boolean; readonly today: string },
): Promise<{ suspendedAt: Date | null; unnotified: boolean }> {
  const { rows } = await sql<{ suspendedAt: Date | null; unnotified: boolean }>`
    select (select s.suspended_at from dues_suspensions s where s.scheme_id = m.scheme_id and s.member_id = m.id
        and s.restored_at is null and m.status = 'suspended') as suspended_at,
      exists (select from (${remainingDues(schemeId, [memberId])}) r where ${facetCondition('unnotified', options.today, options.suspends)}) as unnotified
    from members m where m.scheme_id = ${schemeId} and m.id = ${memberId}`.execute(tx)
  return rows[0] ?? { suspendedAt: null, unnotified: false }
}

/**
 * Reopens suspensions by the rule that ended since an instant, for members that are suspended again because that end was
 * undone: paying reactivates them.
 */
export async function reopenSuspensions(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
  since: Date,
): Promise<void> {
  await sql`
    update dues_suspensions s set restored_at = null from members m
    where s.scheme_id = ${schemeId} and s.member_id = any (${memberIds}::uuid[]) and s.restored_at >= ${since}
      and m.scheme_id = s.scheme_id and m.id = s.member_id and m.status = 'suspended'
      and s.suspended_at = (select max(l.suspended_at) from dues_suspensions l
        where l.scheme_id = s.scheme_id and l.member_id = s.member_id)`.execute(tx)
}
