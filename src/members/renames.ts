import { sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { writeMessages } from '../outbox/actions.ts'
import { type Actor, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { findSchemeWithChamber } from '../schemes/store.ts'
import { memberScopeOf } from './actions.ts'
import type { MemberRenames } from './contract.ts'
import { nameInSms } from './rules.ts'
import type { MemberScope } from './store.ts'

// The name of a business appears in SMS of the scheme: one that the business gives itself waits for the chamber.

/** The name that a business asked for. */
export interface AskedName {
  readonly name: string
  readonly state: 'waiting' | 'declined'
  /** Why it was declined. */
  readonly reason: string | null
}

/** Returns the name that a business asked for and that is not in force; undefined if there is none. */
export async function findAskedName(
  tx: Tx,
  schemeId: string,
  memberId: string,
): Promise<AskedName | undefined> {
  const row = await tx
    .selectFrom('memberRenames')
    .select(['name', 'declinedAt', 'reason'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .executeTakeFirst()
  return (
    row && { name: row.name, state: row.declinedAt === null ? 'waiting' : 'declined', reason: row.reason }
  )
}

/**
 * Asks the chamber for another name of a business. It replaces a name asked for before; asking for the name in force withdraws the
 * request. The audit log does not contain the name.
 */
export async function askForName(
  tx: Tx,
  schemeId: string,
  memberId: string,
  asked: { readonly name: string; readonly at: Date; readonly by: string },
): Promise<void> {
  const { name, at, by } = asked
  const inForce = await tx
    .selectFrom('members')
    .select('name')
    .where('schemeId', '=', schemeId)
    .where('id', '=', memberId)
    .executeTakeFirst()
  if (inForce === undefined) throw new AppError('not_found')
  const before = await findAskedName(tx, schemeId, memberId)
  const record = (action: 'member.rename_ask' | 'member.rename_withdraw') =>
    recordAudit(tx, schemeId, at, { actor: by, action, subject: `member:${memberId}` })
  if (inForce.name === name) {
    if (before === undefined) return
    await deleteAskedName(tx, schemeId, memberId)
    return record('member.rename_withdraw')
  }
  if (before?.name === name && before.state === 'waiting') return
  const row = { name, askedAt: at, askedBy: by, declinedAt: null, reason: null }
  await tx
    .insertInto('memberRenames')
    .values({ schemeId, memberId, ...row })
    .onConflict((conflict) => conflict.columns(['schemeId', 'memberId']).doUpdateSet(row))
    .execute()
  await record('member.rename_ask')
}

/** Lists the names that businesses asked for and that wait, oldest first; a trade chamber sees those of its trades. */
export async function listRenames(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<MemberRenames> {
  const only = memberScopeOf(authorize(actor, 'member.rename', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => ({ renames: await findWaiting(tx, schemeId, only) }))
}

/** Finds the name that waits for one member, and locks it until the end of the transaction. */
export async function findWaitingName(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  { memberId, wanted }: { readonly memberId: string; readonly wanted: string },
): Promise<MemberRenames['renames'][number] | undefined> {
  const waiting = await findWaiting(tx, schemeId, only, memberId)
  return waiting.find((one) => one.wanted === wanted)
}

export type RenameDeps = Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>

/** Declines the name that a business asked for, and reports it with the reason. */
export async function declineName(
  tx: Tx,
  deps: RenameDeps,
  schemeId: string,
  memberId: string,
  { reason, by, at }: { readonly reason: string; readonly by: string; readonly at: Date },
): Promise<void> {
  const asked = await findAskedName(tx, schemeId, memberId)
  if (asked === undefined) throw new AppError('not_found')
  await tx
    .updateTable('memberRenames')
    .set({ declinedAt: at, reason })
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .execute()
  await recordAudit(tx, schemeId, at, {
    actor: by,
    action: 'member.rename_decline',
    subject: `member:${memberId}`,
  })
  const answer = { about: 'rename', outcome: 'declined', wanted: asked.name, reason } as const
  await reportAnswer(tx, deps, schemeId, memberId, answer)
}

/**
 * Settles the name that a business asked for, once the chamber has given it that name, or another one as its answer, and reports it.
 * @param given `answers`: the name that the chamber answers; absent: only the same name settles it
 */
export async function settleAskedName(
  tx: Tx,
  deps: RenameDeps,
  schemeId: string,
  memberId: string,
  given: {
    readonly name: string
    readonly at: Date
    readonly by: string
    readonly answers?: string | undefined
  },
): Promise<void> {
  const asked = await findAskedName(tx, schemeId, memberId)
  if (asked === undefined || (asked.name !== given.name && asked.name !== given.answers)) return
  await deleteAskedName(tx, schemeId, memberId)
  const action = 'member.rename'
  await recordAudit(tx, schemeId, given.at, { actor: given.by, action, subject: `member:${memberId}` })
  const answer = { about: 'rename', outcome: 'accepted', wanted: given.name, reason: '' } as const
  await reportAnswer(tx, deps, schemeId, memberId, answer)
}

/** Days after which the answer by SMS is outdated. */
const ANSWER_DAYS = 2

/** The answer of the chamber to a business; `undone`: the chamber undid a correction that it accepted. */
export type AnswerToShop = {
  readonly reason: string
  /** Names its messages. */
  readonly cause?: string
} & (
  | { readonly about: 'rename'; readonly outcome: 'accepted' | 'declined'; readonly wanted: string }
  | { readonly about: 'correction'; readonly outcome: 'accepted' | 'declined' | 'undone' }
)

/**
 * Reports the answer to a request to every mail address of the business; if it has none, by SMS to its numbers that receive SMS. The
 * portal shows it, too.
 * @returns the number of messages
 */
export async function reportAnswer(
  tx: Tx,
  deps: RenameDeps,
  schemeId: string,
  memberId: string,
  answer: AnswerToShop,
): Promise<number> {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  const member = await tx
    .selectFrom('members')
    .select('name')
    .where('schemeId', '=', schemeId)
    .where('id', '=', memberId)
    .executeTakeFirst()
  if (scheme === undefined || member === undefined) return 0
  const name = answer.about === 'rename' ? answer.wanted : member.name
  const contacts = await tx
    .selectFrom('contacts')
    .select(['mail', 'mobile', 'sms'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .orderBy('position')
    .orderBy('id')
    .execute()
  const mails = [...new Set(contacts.flatMap(({ mail }) => mail ?? []))]
  const isMailed = deps.mailer !== undefined && mails.length > 0
  const phones = isMailed
    ? []
    : [...new Set(contacts.flatMap(({ mobile, sms }) => (sms && mobile ? mobile : [])))]
  const about = { memberId, ...(answer.cause !== undefined && { cause: answer.cause }) }
  await writeMessages(tx, deps, schemeId, {
    mails: mails.map((to) => ({
      to,
      ...about,
      template: `mail.${answer.about}.${answer.outcome}`,
      values: { scheme: scheme.name, chamber: scheme.chamber, name, reason: answer.reason },
    })),
    sms: phones.map((to) => ({
      to,
      ...about,
      template: smsTemplateOf(answer),
      values: { scheme: scheme.name, shop: nameInSms(name) },
      lane: 'reminder',
      validUntil: new Date(deps.now().getTime() + ANSWER_DAYS * 86_400_000),
      createdBy: `system:${answer.about}`,
    })),
  })
  return isMailed ? mails.length : phones.length
}

function smsTemplateOf({ about, outcome }: AnswerToShop) {
  if (about === 'rename') return 'rename.sms.answered'
  return outcome === 'undone' ? 'correction.sms.undone' : 'correction.sms.answered'
}

async function deleteAskedName(tx: Tx, schemeId: string, memberId: string): Promise<void> {
  await tx
    .deleteFrom('memberRenames')
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .execute()
}

/** Counts the names that wait; a trade chamber those of its trades. */
export async function countRenames(tx: Tx, schemeId: string, only: MemberScope): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`
    select count(*)::int as waiting from member_renames r
    join members m on m.scheme_id = r.scheme_id and m.id = r.member_id and m.status <> 'left'
    where r.scheme_id = ${schemeId} and r.declined_at is null
      and ${only.trades === undefined ? sql`true` : sql`m.trade = any (${[...only.trades]}::text[])`}`.execute(
    tx,
  )
  return rows[0]?.waiting ?? 0
}

/** Finds the names that wait, oldest first; that of one member is locked until the end of the transaction. */
async function findWaiting(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  memberId?: string,
): Promise<MemberRenames['renames']> {
  const { rows } = await sql<{
    memberId: string
    name: string
    wanted: string
    communeCode: string
    communeName: string
    trade: string
    askedAt: Date
  }>`
    select r.member_id, m.name, r.name as wanted, m.commune_code, k.name as commune_name, m.trade, r.asked_at
    from member_renames r
    join members m on m.scheme_id = r.scheme_id and m.id = r.member_id and m.status <> 'left'
    join communes k on k.code = m.commune_code
    where r.scheme_id = ${schemeId} and r.declined_at is null
      and ${only.trades === undefined ? sql`true` : sql`m.trade = any (${[...only.trades]}::text[])`}
      and ${memberId === undefined ? sql`true` : sql`r.member_id = ${memberId}::uuid`}
    order by r.asked_at, r.member_id ${memberId === undefined ? sql`` : sql`for update of r`}`.execute(tx)
  return rows.map(({ communeCode, communeName, askedAt, ...row }) => ({
    ...row,
    inSms: nameInSms(row.wanted),
    commune: { code: communeCode, name: communeName },
    askedAt: askedAt.toISOString(),
  }))
}
