import { type RawBuilder, sql } from 'kysely'
import { formatMessage, type Lang, type MessageValues } from '../i18n/format.ts'
import { composeMail, type MailContent, type StatedContact, signedContact } from '../i18n/mail.ts'
import type { OwnMails } from '../i18n/member-mails.ts'
import { readablePhone } from '../message/phone.ts'
import type { Db, Tx } from '../platform/db.ts'
import type { StoredAttachment } from '../schema.ts'
import type { MailMessage, SmsMessage } from './contract.ts'
import type { MailFailure } from './faults.ts'

/** A message before it is stored: what both kinds have, with its address. */
export type NewMessage = Omit<SmsMessage & MailMessage, 'to' | 'template' | 'attachments'> & {
  readonly id: string
  readonly channel: 'sms' | 'mail'
  readonly address: string
  readonly template: string
  readonly attachments: readonly StoredAttachment[]
}

/** A waiting message, as its sender reads it. */
export interface WaitingMessage {
  readonly id: string
  readonly address: string
  readonly memberId: string | null
  readonly template: string
  readonly values: MessageValues
  /** Null: French. */
  readonly lang: Lang | null
  readonly link: string | null
  readonly cause: string | null
  readonly annex: string | null
  readonly attachments: readonly StoredAttachment[]
  readonly codeId: string | null
  readonly lane: 'vital' | 'service' | 'reminder'
  readonly simulated: boolean
  readonly createdBy: string
  readonly validUntil: Date
}

/** A mail, with the contact and the texts of its scheme as they are when the mail leaves. */
interface WaitingMail extends WaitingMessage {
  readonly contact: StatedContact
  /** The names that its signature needs, where its values do not have them. */
  readonly schemeName: string
  readonly chamberName: string
  /** The texts of service of the scheme. */
  readonly texts: OwnMails
}

/** Condition on a row `o` of the outbox: it is neither sent nor withdrawn. */
const isWaiting = sql<boolean>`(o.sent_at is null and o.withdrawn_at is null)`

/** The language of a contact of the scheme; of several with one number or address, that of the member concerned comes first. */
const langOfContact = (schemeId: string, is: RawBuilder<unknown>) => sql`(
  select c.lang from contacts c where c.scheme_id = ${schemeId} and ${is} and c.lang is not null
  order by c.member_id is distinct from m."memberId", c.id limit 1)`

/** The language of the recipient of a message `m`; null: French. */
const langOfPhone = (schemeId: string) => langOfContact(schemeId, sql`c.mobile = m.address`)
const langOfMail = (schemeId: string) =>
  sql`coalesce(account_lang(m.address), ${langOfContact(schemeId, sql`c.mail = m.address`)})`

export async function insertMessages(
  tx: Tx,
  schemeId: string,
  at: Date,
  messages: readonly NewMessage[],
): Promise<void> {
  const rows = messages.map(({ code, ...message }) => ({ ...message, codeId: code?.id ?? null }))
  await sql`
    insert into outbox (scheme_id, id, channel, address, member_id, template, "values", link, annex, attachments, code_id, lane,
      simulated, cause, kept, created_at, created_by, valid_until, lang)
    select ${schemeId}, id, channel, address, "memberId", template, "values", link, annex, attachments, "codeId",
      coalesce(lane, 'service'), coalesce(simulated, false), cause, coalesce(kept, false), ${at}, "createdBy", "validUntil",
      coalesce(lang, case channel when 'mail' then ${langOfMail(schemeId)} else ${langOfPhone(schemeId)} end)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as m (id uuid, channel text, address text, "memberId" uuid,
      template text, "values" jsonb, link text, annex text, attachments jsonb, "codeId" uuid, lane text, simulated boolean, cause text,
      kept boolean, "createdBy" text, "validUntil" timestamptz, lang text)`.execute(tx)
}

/** Returns the text of an SMS, in which a placeholder stands for its one-time code. */
export function smsTextOf({
  template,
  values,
  lang,
}: Pick<WaitingMessage, 'template' | 'values' | 'lang'>): string {
  return template === '' ? String(values.text) : formatMessage(lang ?? 'fr', template, values)
}

/** Returns the content of a mail, in which a placeholder stands for its one-time code. */
export function mailContentOf({
  template,
  values,
  lang,
  link,
  annex,
  contact,
  schemeName,
  chamberName,
  texts,
}: Omit<
  WaitingMail,
  Exclude<keyof WaitingMessage, 'template' | 'values' | 'lang' | 'link' | 'annex'>
>): MailContent {
  if (template === '')
    return { subject: String(values.subject), text: String(values.text), html: String(values.html) }
  return composeMail(lang ?? 'fr', {
    key: template,
    values: {
      ...signedContact(contact),
      scheme: schemeName,
      chamber: chamberName,
      chamberPhone: phoneOf(contact) || 'none',
      ...values,
    },
    own: texts,
    ...(link === null ? {} : { link }),
    ...(annex === null ? {} : { annex }),
  })
}

function phoneOf({ chamber: { phone = '' } = {} }: WaitingMail['contact']): string {
  return phone === '' ? '' : readablePhone(phone)
}

/**
 * Takes a waiting SMS in the transaction that plans it: another process with the same job waits here, and then finds nothing.
 */
export async function takeSms(
  tx: Tx,
  schemeId: string,
  id: string,
  at: Date,
): Promise<WaitingMessage | undefined> {
  const { rows } = await sql<WaitingMessage>`
    select * from outbox o where o.scheme_id = ${schemeId} and o.id = ${id} and ${isWaiting} for update`.execute(
    tx,
  )
  const [message] = rows
  if (message !== undefined) await finishMessage(tx, schemeId, id, { at, reachedAt: null })
  return message
}

/** A mail handed to the mail server for this long is left by a process that ended: shorter than its job may run (jobs.ts). */
const HANDED_SECONDS = 100

/** Condition on a row `o` of the outbox: no process is handing it to the mail server. */
const isFree = (at: Date) =>
  sql<boolean>`(o.handing_at is null or o.handing_at < ${at}::timestamptz - make_interval(secs => ${HANDED_SECONDS}))`

/** The name of the chamber of a scheme `s`. */
const chamberOf = sql<string>`coalesce(
  (select a.name from agencies a where a.scheme_id = s.id and a.kind = 'chamber' order by a.code limit 1), s.name)`

/**
 * Marks a waiting mail as being handed to the mail server: until it is released it cannot be withdrawn, nor claimed by a second
 * job.
 */
export async function claimMail(
  db: Db,
  schemeId: string,
  id: string,
  at: Date,
): Promise<WaitingMail | undefined> {
  const { rows } = await sql<WaitingMail>`
    update outbox o set handing_at = ${at}
    where o.scheme_id = ${schemeId} and o.id = ${id} and ${isWaiting} and ${isFree(at)}
    returning o.*, (
      select s.contact from schemes s where s.id = o.scheme_id) as contact, (
      select s.texts from schemes s where s.id = o.scheme_id) as texts, (
      select s.name from schemes s where s.id = o.scheme_id) as scheme_name, (
      select ${chamberOf} from schemes s where s.id = o.scheme_id) as chamber_name`.execute(db)
  return rows[0]
}

type Signature = Pick<WaitingMail, 'contact' | 'texts' | 'schemeName' | 'chamberName'>

/** Returns who signs the mails of a scheme, and how it words them. */
export async function readSignature(tx: Tx, schemeId: string): Promise<Signature> {
  const { rows } = await sql<Signature>`
    select s.contact, s.texts, s.name as scheme_name, ${chamberOf} as chamber_name from schemes s where s.id = ${schemeId}`.execute(
    tx,
  )
  return rows[0] ?? { contact: {}, texts: {}, schemeName: '', chamberName: '' }
}

/** Releases all mails: no other process is handing one over. */
export async function releaseMails(db: Db): Promise<void> {
  await sql`update outbox o set handing_at = null where ${isWaiting} and o.handing_at is not null`.execute(db)
}

export async function releaseMail(db: Db, schemeId: string, id: string): Promise<void> {
  await sql`update outbox set handing_at = null where scheme_id = ${schemeId} and id = ${id}`.execute(db)
}

export async function isMailWaiting(db: Db, schemeId: string, id: string): Promise<boolean> {
  const { rows } =
    await sql`select from outbox o where o.scheme_id = ${schemeId} and o.id = ${id} and ${isWaiting}`.execute(
      db,
    )
  return rows.length > 0
}

/**
 * Ends a message that was sent or dropped: its row is deleted, or emptied where it is kept to record its arrival.
 * @param reachedAt when it reached its recipient; null: not known, or not at all
 */
export async function finishMessage(
  db: Db | Tx,
  schemeId: string,
  id: string,
  { at, reachedAt }: { readonly at: Date; readonly reachedAt: Date | null },
): Promise<void> {
  // One statement, so that a process that dies leaves the message either waiting or sent.
  await sql`
    with gone as (delete from outbox where scheme_id = ${schemeId} and id = ${id} and not kept)
    update outbox set sent_at = ${at}, reached_at = ${reachedAt}, address = '', "values" = '{}', link = null, annex = null,
      attachments = '[]'
    where scheme_id = ${schemeId} and id = ${id} and kept`.execute(db)
}

/**
 * Withdraws messages that still wait, except mails being handed to the mail server right now. Their texts are deleted.
 * @returns the cause of each withdrawn message
 */
export async function withdrawMessages(
  tx: Tx,
  schemeId: string,
  causes: readonly string[],
  at: Date,
): Promise<string[]> {
  if (causes.length === 0) return []
  const { rows } = await sql<{ cause: string }>`
    update outbox o set withdrawn_at = ${at}, "values" = '{}', link = null, annex = null, attachments = '[]'
    where o.scheme_id = ${schemeId} and o.cause = any (${causes}::text[]) and ${isWaiting} and o.handing_at is null
    returning o.cause`.execute(tx)
  return rows.map(({ cause }) => cause)
}

/** Records when SMS arrived on the phone. */
export async function markReached(
  tx: Tx,
  schemeId: string,
  reached: readonly { readonly id: string; readonly at: Date }[],
): Promise<void> {
  if (reached.length === 0) return
  await sql`
    update outbox o set reached_at = r.at
    from unnest(${reached.map(({ id }) => id)}::uuid[], ${reached.map(({ at }) => at)}::timestamptz[]) as r (id, at)
    where o.scheme_id = ${schemeId} and o.id = r.id and o.reached_at is null`.execute(tx)
}

/** Condition on a row `o` of the outbox: a user waits for it, as for a code or the call of the second person. */
const isUrgent = sql<boolean>`(o.code_id is not null or o.lane = 'vital')`

/** A waiting message whose job may have ended with its process. */
export interface StaleMessage {
  readonly schemeId: string
  readonly id: string
  readonly channel: 'sms' | 'mail'
  readonly isUrgent: boolean
}

/**
 * Lists waiting messages older than an instant, of all schemes, the urgent ones first.
 * @param before.urgent for urgent messages
 * @param before.others for all others
 * @param limit of each channel: without a mail server, mails must not keep SMS from their turn
 */
export async function listStale(
  db: Db,
  before: { readonly urgent: Date; readonly others: Date; readonly now: Date },
  limit: number,
): Promise<StaleMessage[]> {
  const { rows } = await sql<StaleMessage>`
    select l.scheme_id, l.id, c.channel, l.is_urgent from (values ('sms'), ('mail')) c (channel), lateral (
      select o.scheme_id, o.id, ${isUrgent} as is_urgent from outbox o
      where ${isWaiting} and o.channel = c.channel
        and o.created_at < case when ${isUrgent} then ${before.urgent}::timestamptz else ${before.others} end
        and ${isFree(before.now)}
      order by is_urgent desc, o.created_at limit ${limit}) l`.execute(db)
  return rows
}

/** An outcome is written again after this time only, so that a campaign does not write one for each mail. */
const OUTCOME_EVERY_SECONDS = 10

/** Records that the mail server accepted a mail of the scheme, or why it did not. */
export async function recordMailOutcome(
  tx: Tx,
  schemeId: string,
  at: Date,
  failure: MailFailure | null,
): Promise<void> {
  await sql`
    insert into mail_outcomes as o (scheme_id, outcome, at, fault, code)
    values (${schemeId}, ${failure === null ? 'accepted' : 'failed'}, ${at}, ${failure?.fault ?? null}, ${failure?.code ?? null})
    on conflict (scheme_id, outcome) do update set at = excluded.at, fault = excluded.fault, code = excluded.code
    where o.at < excluded.at - make_interval(secs => ${OUTCOME_EVERY_SECONDS}) or o.fault is distinct from excluded.fault`.execute(
    tx,
  )
}

/** Figures of the mails of a scheme: waiting, last accepted, last failed. */
export interface MailFigures {
  /** Mails that the mail server has not accepted yet. */
  readonly waiting: number
  readonly acceptedAt: Date | null
  readonly failure: { readonly at: Date; readonly fault: string | null; readonly code: string | null } | null
}

export async function readMailFigures(tx: Tx, schemeId: string): Promise<MailFigures> {
  const { rows } = await sql<{ waiting: number }>`
    select count(*)::int as waiting from outbox o
    where o.scheme_id = ${schemeId} and o.channel = 'mail' and ${isWaiting}`.execute(tx)
  const outcomes = await tx
    .selectFrom('mailOutcomes')
    .select(['outcome', 'at', 'fault', 'code'])
    .where('schemeId', '=', schemeId)
    .execute()
  const failed = outcomes.find(({ outcome }) => outcome === 'failed')
  return {
    waiting: rows[0]?.waiting ?? 0,
    acceptedAt: outcomes.find(({ outcome }) => outcome === 'accepted')?.at ?? null,
    failure: failed === undefined ? null : { at: failed.at, fault: failed.fault, code: failed.code },
  }
}
