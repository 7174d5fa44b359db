import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { writeMail, writeSms } from '../../outbox/actions.ts'
import { CONFIRMATION_VALID_MS } from '../../outbox/validity.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { OptOutWay } from '../../schema.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { getMember } from '../actions.ts'
import type { ContactSmsChoice, MemberView } from '../contract.ts'
import { isMobile } from '../rules.ts'
import { lockMemberWrites } from '../store.ts'
import { listOptedOut } from './opted-out.ts'

/** The program, acting on an SMS that a phone sent. */
const PHONE: Actor = { kind: 'system', name: 'inbound' }

/** A change of a contact's SMS consent, and who made it. */
interface OptOutChange {
  readonly takes: boolean
  readonly how: OptOutWay
  readonly by: string
  readonly reason: string | null
  readonly gateway: string | null
  readonly messageId?: string
  /** Now if absent. */
  readonly at?: Date
}

/**
 * Opts a number out in a scheme because its phone sent STOP, in the caller's transaction: every contact that has the number,
 * with proof, and one SMS of confirmation. A number at which no contact receives SMS is opted out too, for the case that one gets it
 * later.
 * Does nothing if the number is opted out already, or if the same message opted it out before, even if it has opted in since.
 * The engine withdraws the messages planned for it (deliveries/claim/departures.ts).
 * @param stop `messageId`: the provider's id of the message, if it gives one; `hasReceived`: the scheme had or wrote to the
 * number, so that its STOP is confirmed even if no contact has it
 * @returns the number of contacts opted out
 */
export async function optOutNumber(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>,
  schemeId: string,
  stop: {
    readonly phone: string
    readonly gateway: string
    readonly messageId?: string | undefined
    readonly hasReceived?: boolean
  },
): Promise<number> {
  const { phone, gateway, messageId, hasReceived = false } = stop
  // No contact can get the number between the statements below.
  await lockMemberWrites(tx, schemeId)
  if (messageId !== undefined && (await wasTaken(tx, schemeId, { phone, gateway, messageId }))) return 0
  const contacts = await tx
    .updateTable('contacts')
    .set({ sms: false })
    .where('schemeId', '=', schemeId)
    .where('mobile', '=', phone)
    .where('sms', '=', true)
    .returning(['id', 'memberId'])
    .execute()
  const [first] = contacts
  if (first === undefined && (await listOptedOut(tx, schemeId, [phone])).has(phone)) return 0
  if (first !== undefined || hasReceived)
    await confirmOptOut(tx, deps, schemeId, { phone, memberId: first?.memberId })
  const proof = {
    takes: false,
    how: 'inbound',
    by: actorName(PHONE),
    reason: null,
    gateway,
    ...(messageId !== undefined && { messageId }),
  } as const
  const holders = first === undefined ? [{ id: null, memberId: null }] : contacts
  await recordOptOutProof(
    tx,
    deps,
    schemeId,
    holders.map((holder) => ({ ...holder, mobile: phone })),
    proof,
  )
  return contacts.length
}

/** Sends the one SMS that confirms a STOP. */
async function confirmOptOut(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs'>,
  schemeId: string,
  { phone, memberId }: { readonly phone: string; readonly memberId: string | undefined },
): Promise<void> {
  const { name } = await tx
    .selectFrom('schemes')
    .select('name')
    .where('id', '=', schemeId)
    .executeTakeFirstOrThrow()
  await writeSms(tx, deps, schemeId, {
    to: phone,
    template: 'opt_out.sms.confirmed',
    values: { scheme: name },
    ...(memberId !== undefined && { memberId }),
    validUntil: new Date(deps.now().getTime() + CONFIRMATION_VALID_MS),
    createdBy: actorName(PHONE),
  })
}

/** Tells whether this message opted its number out before. */
async function wasTaken(
  tx: Tx,
  schemeId: string,
  {
    phone,
    gateway,
    messageId,
  }: { readonly phone: string; readonly gateway: string; readonly messageId: string },
): Promise<boolean> {
  const withdrawn = await tx
    .selectFrom('optOuts')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('phone', '=', phone)
    .where('gateway', '=', gateway)
    .where('messageId', '=', messageId)
    .executeTakeFirst()
  return withdrawn !== undefined
}

/**
 * Opts a contact out of alerts by SMS, or back in, for the chamber, which gives a reason. Repeating the same choice changes
 * nothing.
 * @throws AppError `not_found`; `invalid_input` without a reason, or for a contact without a mobile
 */
export async function setContactSms(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>,
  actor: Actor,
  schemeId: string,
  id: { readonly member: string; readonly contact: string },
  { sms, reason }: ContactSmsChoice,
): Promise<MemberView> {
  authorize(actor, 'member.care', schemeId)
  if (reason === '') {
    throw new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'reason' }] })
  }
  const change = { sms, how: 'chamber', by: actorName(actor), reason } as const
  await inScheme(deps.db, schemeId, (tx) => writeContactSms(tx, deps, schemeId, id, change))
  return getMember(deps, actor, schemeId, id.member)
}

/**
 * Stores whether a contact receives alerts by SMS, with proof; changes nothing if that is the case already.
 * @throws AppError `not_found`; `invalid_input` for a contact without a mobile
 */
export async function writeContactSms(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>,
  schemeId: string,
  id: { readonly member: string; readonly contact: string },
  { sms, ...change }: { readonly sms: boolean } & Pick<OptOutChange, 'how' | 'by' | 'reason' | 'at'>,
): Promise<void> {
  const contact = await tx
    .selectFrom('contacts')
    .select(['id', 'memberId', 'mobile'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', id.member)
    .where('id', '=', id.contact)
    .executeTakeFirst()
  if (contact === undefined) throw new AppError('not_found')
  const { mobile } = contact
  if (mobile === null || !isMobile(mobile)) {
    throw new AppError('invalid_input', { problems: [{ code: 'contact.no_mobile', path: 'sms' }] })
  }
  // Take no lock before this statement (see members/store.ts).
  const { numUpdatedRows } = await tx
    .updateTable('contacts')
    .set({ sms })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id.contact)
    .where('mobile', '=', mobile)
    .where('sms', '=', !sms)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return
  const proof = { ...change, takes: sms, gateway: null }
  await recordOptOutProof(tx, deps, schemeId, [{ ...contact, mobile }], proof)
}

/** A contact whose choice is recorded; without ids, a number at which no contact received SMS. */
interface Holder {
  readonly id: string | null
  readonly memberId: string | null
  readonly mobile: string
}

/** Records who opted the contact out or in, when and how; the audit entry holds no phone number. */
async function recordOptOutProof(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>,
  schemeId: string,
  contacts: readonly Holder[],
  { at = deps.now(), ...change }: OptOutChange,
): Promise<void> {
  const rows = contacts.map(({ id: contactId, memberId, mobile: phone }) => ({
    ...{ schemeId, id: deps.newId(), memberId, contactId, phone, at },
    ...change,
  }))
  await tx.insertInto('optOuts').values(rows).execute()
  for (const { id, contactId, memberId } of rows) {
    await recordAudit(tx, schemeId, at, {
      actor: change.by,
      action: change.takes ? 'contact.opt_in' : 'contact.opt_out',
      subject: contactId === null ? `opt-out:${id}` : `contact:${contactId}`,
      details: { ...(memberId !== null && { member: memberId }), how: change.how },
    })
  }
  const ids = rows.flatMap(({ contactId }) => contactId ?? [])
  if (!change.takes && ids.length > 0) await mailOptedOut(tx, deps, schemeId, ids, change.how)
}

/**
 * Opts contacts out again, with proof, that a change opted in and that receive no SMS since its undo: the earlier opt-out applies again,
 * in its way. It sends no mail, as the opt-in sent none.
 * @param undone `since`: when the change was made
 */
export async function restoreOptOuts(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  schemeId: string,
  undone: { readonly memberIds: readonly string[]; readonly since: Date; readonly by: string },
): Promise<void> {
  const { memberIds, since, by } = undone
  const { rows } = await sql<{
    memberId: string
    contactId: string
    phone: string
    how: OptOutWay
    reason: string | null
    gateway: string | null
  }>`
    select c.member_id, c.id as contact_id, c.mobile as phone, earlier.how, earlier.reason, earlier.gateway
    from contacts c,
      lateral (select o.takes, o.at from opt_outs o
        where o.scheme_id = c.scheme_id and o.member_id = c.member_id and o.contact_id = c.id
        order by o.at desc, o.id desc limit 1) latest,
      lateral (select o.takes, o.how, o.reason, o.gateway from opt_outs o
        where o.scheme_id = c.scheme_id and o.member_id = c.member_id and o.contact_id = c.id and o.at < ${since}
        order by o.at desc, o.id desc limit 1) earlier
    where c.scheme_id = ${schemeId} and c.member_id = any (${memberIds}::uuid[]) and not c.sms and c.mobile is not null
      and latest.takes and latest.at >= ${since} and not earlier.takes
    order by c.id`.execute(tx)
  if (rows.length === 0) return
  const at = deps.now()
  const proofs = rows.map((row) => ({ ...row, schemeId, id: deps.newId(), takes: false, by, at }))
  await tx.insertInto('optOuts').values(proofs).execute()
  for (const { contactId, memberId, how } of rows)
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'contact.opt_out',
      subject: `contact:${contactId}`,
      details: { member: memberId, how },
    })
}

/** Notifies the contact by mail, if it has an address: another person may have opted it out. */
async function mailOptedOut(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>,
  schemeId: string,
  contactIds: readonly string[],
  how: OptOutWay,
): Promise<void> {
  if (deps.mailer === undefined) return
  const recipients = await tx
    .selectFrom('contacts as c')
    .innerJoin('members as m', (join) =>
      join.onRef('m.schemeId', '=', 'c.schemeId').onRef('m.id', '=', 'c.memberId'),
    )
    .select(['c.mail', 'c.mobile', 'm.name'])
    .where('c.schemeId', '=', schemeId)
    .where('c.id', 'in', contactIds)
    .where('c.mail', 'is not', null)
    .execute()
  const scheme = recipients.length === 0 ? undefined : await findSchemeWithChamber(tx, schemeId)
  if (scheme === undefined) return
  for (const { mail, mobile, name } of recipients) {
    const values = { scheme: scheme.name, chamber: scheme.chamber, name, end: (mobile ?? '').slice(-2), how }
    await writeMail(tx, deps, schemeId, { to: mail, template: 'mail.opt_out', values })
  }
}
