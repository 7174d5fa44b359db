import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { AppError } from '../../errors.ts'
import type { Tx } from '../../platform/db.ts'
import type { MemberCorrections } from '../contract.ts'
import { isWithinTrades, type MemberScope } from '../filters.ts'
import { nameInSms } from '../rules.ts'
import { postalCodeOf } from '../store.ts'
import { type AnswerDeps, reportAnswer } from './answers.ts'

// A business asks for another name, SIRET, trade or commune. Its name appears in SMS of the scheme, and the others decide which alerts it
// receives, so the chamber accepts them first.

/** The values that a business asked for; null is not asked. With another commune, the whole address is asked. */
export interface AskedValues {
  readonly name: string | null
  readonly siret: string | null
  readonly trade: string | null
  readonly communeCode: string | null
  readonly address: string | null
  readonly postalCode: string | null
}

export const NOTHING_ASKED: AskedValues = {
  name: null,
  siret: null,
  trade: null,
  communeCode: null,
  address: null,
  postalCode: null,
}

/** A request of a business that waits, or that the chamber declined. */
export interface AskedCorrection extends AskedValues {
  readonly communeName: string | null
  readonly askedAt: Date
  readonly declinedAt: Date | null
  /** Reason for which it was declined. */
  readonly reason: string | null
}

/** A request that the chamber settled. */
export interface SettledCorrection extends AskedValues {
  readonly askedAt: string
  readonly askedBy: string
  readonly declinedAt: string | null
  readonly reason: string | null
  /** The number of messages that reported the answer. */
  readonly answers: number
}

/** Returns what a business asked to correct and that is not in force; undefined if there is none. */
export async function findAskedCorrection(
  tx: Tx,
  schemeId: string,
  memberId: string,
): Promise<AskedCorrection | undefined> {
  return tx
    .selectFrom('memberCorrections as r')
    .leftJoin('communes as k', 'k.code', 'r.communeCode')
    .select(['r.name', 'r.siret', 'r.trade', 'r.communeCode', 'k.name as communeName', 'r.address'])
    .select(['r.postalCode', 'r.askedAt', 'r.declinedAt', 'r.reason'])
    .where('r.schemeId', '=', schemeId)
    .where('r.memberId', '=', memberId)
    .executeTakeFirst()
}

const isAsked = ({ name, siret, trade, communeCode }: AskedValues) =>
  [name, siret, trade, communeCode].some((value) => value !== null)

const hasValues = (some: AskedValues, of: AskedValues) =>
  (Object.keys(NOTHING_ASKED) as (keyof AskedValues)[]).every((key) => some[key] === of[key])

/**
 * Asks the chamber to correct a business. It replaces an earlier request; asking for nothing withdraws one that waits, and leaves a
 * declined one to be read. The audit log does not contain the values.
 */
export async function askForCorrection(
  tx: Tx,
  schemeId: string,
  memberId: string,
  { at, by, ...asked }: AskedValues & { readonly at: Date; readonly by: string },
): Promise<void> {
  const before = await findAskedCorrection(tx, schemeId, memberId)
  const record = (action: 'member.correction_ask' | 'member.correction_withdraw') =>
    recordAudit(tx, schemeId, at, { actor: by, action, subject: `member:${memberId}` })
  if (!isAsked(asked)) {
    if (before === undefined || before.declinedAt !== null) return
    await deleteCorrection(tx, schemeId, memberId)
    return record('member.correction_withdraw')
  }
  if (before?.declinedAt === null && hasValues(before, asked)) return
  const row = { ...asked, askedAt: at, askedBy: by, declinedAt: null, reason: null }
  await tx
    .insertInto('memberCorrections')
    .values({ schemeId, memberId, ...row })
    .onConflict((conflict) => conflict.columns(['schemeId', 'memberId']).doUpdateSet(row))
    .execute()
  await record('member.correction_ask')
}

/** Finds the request of one business that the user read, and locks it until the end of the transaction. */
export async function findWaitingCorrection(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  { memberId, askedAt }: { readonly memberId: string; readonly askedAt: string },
): Promise<MemberCorrections['corrections'][number] | undefined> {
  const waiting = await findWaitingCorrections(tx, schemeId, only, memberId)
  return waiting.find((one) => one.askedAt === askedAt)
}

/** Declines what a business asked to correct, and reports it with the reason. @throws AppError `not_found` */
export async function declineCorrection(
  tx: Tx,
  deps: AnswerDeps,
  schemeId: string,
  memberId: string,
  { reason, by, at }: { readonly reason: string; readonly by: string; readonly at: Date },
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('memberCorrections')
    .set({ declinedAt: at, reason })
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new AppError('not_found')
  const action = 'member.correction_decline'
  await recordAudit(tx, schemeId, at, { actor: by, action, subject: `member:${memberId}` })
  await reportAnswer(tx, deps, schemeId, memberId, { outcome: 'declined', reason })
}

/**
 * Settles what a business asked to correct, once the chamber has given it these values, or others as its answer, and reports it.
 * @param given `answers`: when the request was made that the chamber answers; absent: only the same values settle it; `cause`: names the
 * messages of the report
 * @returns the request; undefined if none is settled
 */
export async function settleCorrection(
  tx: Tx,
  deps: AnswerDeps,
  schemeId: string,
  memberId: string,
  given: {
    readonly values: Omit<AskedValues, 'name' | 'communeCode' | 'trade'> & {
      readonly name: string
      readonly communeCode: string
      readonly trade: string
    }
    readonly at: Date
    readonly by: string
    readonly answers?: string | undefined
    readonly cause?: string
  },
): Promise<SettledCorrection | undefined> {
  const correction = await findAskedCorrection(tx, schemeId, memberId)
  if (correction === undefined) return undefined
  if (!isInForce(correction, given.values) && correction.askedAt.toISOString() !== given.answers)
    return undefined
  const {
    schemeId: _,
    memberId: __,
    ...settled
  } = await tx
    .deleteFrom('memberCorrections')
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .returningAll()
    .executeTakeFirstOrThrow()
  const action = 'member.correction'
  await recordAudit(tx, schemeId, given.at, { actor: given.by, action, subject: `member:${memberId}` })
  // The business was notified when the request was declined: it gets no second answer.
  const { cause } = given
  const answer = { outcome: 'accepted', reason: '', ...(cause !== undefined && { cause }) } as const
  const answers =
    correction.declinedAt === null ? await reportAnswer(tx, deps, schemeId, memberId, answer) : 0
  const { askedAt, declinedAt, ...rest } = settled
  return { ...rest, askedAt: askedAt.toISOString(), declinedAt: declinedAt?.toISOString() ?? null, answers }
}

/** Tells whether a member has all values that are asked. */
function isInForce(asked: AskedValues, stored: AskedValues): boolean {
  const isPlace =
    asked.communeCode === stored.communeCode &&
    asked.address === stored.address &&
    // A request without one is for a commune with one postal code, with which members are written.
    (asked.postalCode === null || asked.postalCode === stored.postalCode)
  return (
    (asked.name === null || asked.name === stored.name) &&
    (asked.siret === null || asked.siret === stored.siret) &&
    (asked.trade === null || asked.trade === stored.trade) &&
    (asked.communeCode === null || isPlace)
  )
}

/**
 * Restores a settled request whose change is undone, unless the business made another one since.
 * @returns false if its values are still in force: there is nothing to restore
 */
export async function restoreCorrection(
  tx: Tx,
  schemeId: string,
  memberId: string,
  { answers: _, askedAt, declinedAt, ...settled }: SettledCorrection,
): Promise<boolean> {
  const stored = await tx
    .selectFrom('members')
    .select(['name', 'siret', 'trade', 'communeCode', 'address', 'postalCode'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', memberId)
    .executeTakeFirst()
  if (stored === undefined || isInForce(settled, stored)) return false
  await tx
    .insertInto('memberCorrections')
    .values({
      ...settled,
      schemeId,
      memberId,
      askedAt: new Date(askedAt),
      declinedAt: declinedAt === null ? null : new Date(declinedAt),
    })
    .onConflict((conflict) => conflict.columns(['schemeId', 'memberId']).doNothing())
    .execute()
  return true
}

async function deleteCorrection(tx: Tx, schemeId: string, memberId: string): Promise<void> {
  await tx
    .deleteFrom('memberCorrections')
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .execute()
}

/** Counts the requests of businesses that wait; a trade chamber those of its trades. */
export async function countCorrections(tx: Tx, schemeId: string, only: MemberScope): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`
    select count(*)::int as waiting from member_corrections r
    join members m on m.scheme_id = r.scheme_id and m.id = r.member_id and m.status <> 'left'
    where r.scheme_id = ${schemeId} and r.declined_at is null and ${isWithinTrades(only)}`.execute(tx)
  return rows[0]?.waiting ?? 0
}

/** Finds the requests that wait, oldest first; that of one member is locked until the end of the transaction. */
export async function findWaitingCorrections(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  memberId?: string,
): Promise<MemberCorrections['corrections']> {
  const { rows } = await sql<
    AskedValues & {
      memberId: string
      askedAt: Date
      nowName: string
      communeName: string | null
      nowSiret: string | null
      nowTrade: string
      nowAddress: string | null
      nowPostalCode: string | null
      nowCommuneCode: string
      nowCommuneName: string
    }
  >`
    select r.member_id, r.name, r.siret, r.trade, r.commune_code, a.name as commune_name, r.address, r.postal_code, r.asked_at,
      m.name as now_name, m.siret as now_siret, m.trade as now_trade, m.address as now_address, ${postalCodeOf('m.postal_code', 'k')} as now_postal_code,
      m.commune_code as now_commune_code, k.name as now_commune_name
    from member_corrections r
    join members m on m.scheme_id = r.scheme_id and m.id = r.member_id and m.status <> 'left'
    join communes k on k.code = m.commune_code
    left join communes a on a.code = r.commune_code
    where r.scheme_id = ${schemeId} and r.declined_at is null and ${isWithinTrades(only)}
      and ${memberId === undefined ? sql`true` : sql`r.member_id = ${memberId}::uuid`}
    order by r.asked_at, r.member_id ${memberId === undefined ? sql`` : sql`for update of r`}`.execute(tx)
  return rows.map((row) => ({
    memberId: row.memberId,
    name: row.nowName,
    askedAt: row.askedAt.toISOString(),
    inForce: {
      siret: row.nowSiret,
      trade: row.nowTrade,
      place: {
        commune: { code: row.nowCommuneCode, name: row.nowCommuneName },
        address: row.nowAddress,
        postalCode: row.nowPostalCode,
      },
    },
    asked: {
      name: row.name,
      inSms: row.name === null ? null : nameInSms(row.name),
      siret: row.siret,
      trade: row.trade,
      place:
        row.communeCode === null
          ? null
          : {
              commune: { code: row.communeCode, name: row.communeName ?? row.communeCode },
              address: row.address,
              postalCode: row.postalCode,
            },
    },
  }))
}
