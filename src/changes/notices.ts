import { type RawBuilder, sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { readContact } from '../enrolment/contact.ts'
import type { Problem } from '../errors.ts'
import { linksIn } from '../guard/contacts.ts'
import { fillText } from '../i18n/fill.ts'
import { formatMessage } from '../i18n/format.ts'
import type { NoticeKind } from '../members/notices.ts'
import { nameInSms } from '../members/rules.ts'
import { MINUTE_MS } from '../message/clock.ts'
import { readablePhone } from '../message/phone.ts'
import { type Segmentation, segmentMessage } from '../message/segment.ts'
import { writeMessages } from '../outbox/actions.ts'
import type { MailMessage, SmsMessage } from '../outbox/contract.ts'
import { firstReachedOf, KNOWN_AFTER_DAYS } from '../outbox/reached.ts'
import { withdrawMessages } from '../outbox/store.ts'
import { publicAddress } from '../platform/address.ts'
import { findTimeZone } from '../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { MemberStatus } from '../schema.ts'
import { ServiceTexts } from '../schemes/contract.ts'
import { isWithinHours, MESSAGE_HOURS, nextWithinHours } from '../schemes/settings/hours.ts'
import { findSchemeWithChamber } from '../schemes/store.ts'
import { NAME_IN_SMS } from '../schemes/texts/service-texts.ts'

/** Notices wait five minutes, so that a mistake undone at once is not sent. */
const HELD_MS = 5 * MINUTE_MS
/** An SMS not sent within two days of its writing is dropped. */
const SENT_WITHIN_MS = 2 * 24 * 60 * MINUTE_MS
/** Notices written per run, so that mail servers and the engine can do other work in between. */
const WRITTEN_A_RUN = 1000
const PARTS_MAX = 3

/** Returns when the mails and SMS about a change made now are sent. */
export function noticeTimes(now: Date, timeZone: string): { readonly mail: Date; readonly sms: Date } {
  const mail = new Date(now.getTime() + HELD_MS)
  return { mail, sms: nextWithinHours(MESSAGE_HOURS, mail, timeZone) }
}

/** The member status that each kind of notice reports. */
const STATUS = {
  suspend: 'suspended',
  resume: 'active',
  leave: 'left',
  welcome: 'active',
} as const satisfies Record<NoticeKind, MemberStatus>

/** The kinds of notices that are no longer true once one of this kind is. */
const OPPOSITE: Readonly<Record<NoticeKind, readonly NoticeKind[]>> = {
  suspend: ['resume'],
  resume: ['suspend', 'leave'],
  leave: ['resume'],
  welcome: [],
}

/** Joins a notice `n` with its member `m` and with `k`, the member that `m` was merged into, or `m` itself. */
const joinMember = sql`join members m on m.scheme_id = n.scheme_id and m.id = n.member_id
  join members k on k.scheme_id = m.scheme_id and k.id = coalesce(m.merged_into, m.id)`

/** Condition on a notice `n` and member `k`: the member's status is still the one that the notice reports. */
const memberStillMatchesNotice = sql<boolean>`(n.kind, k.status) in (${sql.join(
  Object.entries(STATUS).map(([kind, status]) => sql`(${kind}, ${status})`),
)})`

/** SQL: the cause in the outbox of the messages of a notice. */
const causeOfNotice = (notice: string) => {
  const column = (name: string) => sql.ref(`${notice}.${name}`)
  return sql<string>`(${column('kind')} || ':' || ${column('changeId')} || ':' || ${column('memberId')} || ':' || ${column('channel')})`
}

/**
 * Plans the notices of a change in its transaction, with the same number of statements however many members. Unsent notices
 * of the opposite kind are withdrawn; their members are then not notified at all, since they only know their current status.
 * Members in another status, or with a waiting notice of the same kind, are skipped.
 * @param notice `changeId`: the change, or the merge; `channels`: both by default
 */
export async function planNotices(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  notice: {
    readonly changeId: string
    readonly kind: NoticeKind
    readonly memberIds: readonly string[]
    readonly channels?: readonly ('sms' | 'mail')[]
  },
): Promise<void> {
  const { changeId, kind, memberIds, channels = ['sms', 'mail'] } = notice
  if (memberIds.length === 0) return
  const due = noticeTimes(deps.now(), await findTimeZone(tx, schemeId))
  const kinds = OPPOSITE[kind]
  const withdrawn = await withdrawOutdatedNotices(tx, deps, schemeId, { memberIds, kinds })
  await sql`
    insert into member_notices (scheme_id, change_id, member_id, kind, channel, due_at)
    select ${schemeId}, ${changeId}::uuid, m.id, ${kind}, c.channel, c.due
    from members m
    join members k on k.scheme_id = m.scheme_id and k.id = coalesce(m.merged_into, m.id) and k.status = ${STATUS[kind]}
    cross join (values ('sms', ${due.sms}::timestamptz), ('mail', ${due.mail}::timestamptz)) as c (channel, due)
    where m.scheme_id = ${schemeId} and m.id = any (${memberIds}::uuid[]) and c.channel = any (${channels}::text[])
      and (m.id, c.channel) not in (
        select "memberId", channel from jsonb_to_recordset(${JSON.stringify(withdrawn)}::jsonb) as w ("memberId" uuid, channel text))
      and not exists (select from member_notices w where w.scheme_id = m.scheme_id and w.member_id = m.id and w.kind = ${kind}
        and w.channel = c.channel and w.sent_at is null and w.withdrawn_at is null)
    on conflict do nothing`.execute(tx)
}

/**
 * Plans the opposite notices for members who were notified of a change or merge that is now undone, or still have a notice
 * waiting.
 */
export async function planContraryNotices(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  changeId: string,
  memberIds: readonly string[],
): Promise<void> {
  const { rows } = await sql<{ kind: NoticeKind; ids: string[] }>`
    select kind, array_agg(distinct member_id) as ids from member_notices
    where scheme_id = ${schemeId} and change_id = ${changeId}::uuid and member_id = any (${memberIds}::uuid[])
      and kind <> 'welcome'
    group by kind order by kind`.execute(tx)
  for (const { kind, ids } of rows) {
    const contrary = kind === 'resume' ? 'suspend' : 'resume'
    await planNotices(tx, deps, schemeId, { changeId, kind: contrary, memberIds: ids })
  }
}

/**
 * Withdraws unsent notices that are no longer true: a suspension that was undone or lifted by a merge, or one of a member
 * that left since. Notices already sent stay as they are, including SMS taken by the engine and mails being handed to the
 * mail server.
 * @param of restricts it to these members and kinds, and includes notices already written but not sent; absent: only
 * unwritten notices, of all members
 * @returns the members and channels whose notices were withdrawn
 */
export async function withdrawOutdatedNotices(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  of?: { readonly memberIds: readonly string[]; readonly kinds?: readonly NoticeKind[] },
): Promise<{ readonly memberId: string; readonly channel: 'sms' | 'mail' }[]> {
  const at = now()
  const waiting =
    of === undefined
      ? sql`n.sent_at is null`
      : sql`n.member_id = any (${of.memberIds}::uuid[]) and n.kind = any (${of.kinds ?? Object.keys(STATUS)}::text[])
          and (n.sent_at is null or n.messages > 0 and n.sent_at > ${new Date(at.getTime() - SENT_WITHIN_MS)})`
  const { rows: outdated } = await sql<NoticeKey & { cause: string; messages: number }>`
    select n.change_id, n.member_id, n.kind, n.channel, n.messages, ${causeOfNotice('n')} as cause
    from member_notices n ${joinMember}
    where n.scheme_id = ${schemeId} and n.withdrawn_at is null and not ${memberStillMatchesNotice} and ${waiting}
    for update of n ${of === undefined ? sql`skip locked` : sql``}`.execute(tx)
  const written = outdated.filter(({ messages }) => messages > 0).map(({ cause }) => cause)
  const unsent = Map.groupBy(await withdrawMessages(tx, schemeId, written, at), (cause) => cause)
  const withdrawn = outdated.filter(({ cause, messages }) => messages === (unsent.get(cause)?.length ?? 0))
  await updateNotices(tx, schemeId, withdrawn, sql`withdrawn_at = ${at}`)
  return withdrawn
}

/** The key of a notice in its scheme. */
interface NoticeKey {
  readonly changeId: string
  readonly memberId: string
  readonly kind: NoticeKind
  readonly channel: 'sms' | 'mail'
}

/** @param set assignments, which may use the column `messages` of the notices as `s` */
async function updateNotices(
  tx: Tx,
  schemeId: string,
  notices: readonly (NoticeKey & { readonly messages: number })[],
  set: RawBuilder<unknown>,
): Promise<void> {
  if (notices.length === 0) return
  await sql`
    update member_notices n set ${set}
    from jsonb_to_recordset(${JSON.stringify(notices)}::jsonb) as s ("changeId" uuid, "memberId" uuid, kind text, channel text,
      messages smallint)
    where n.scheme_id = ${schemeId} and n.change_id = s."changeId" and n.member_id = s."memberId" and n.kind = s.kind
      and n.channel = s.channel`.execute(tx)
}

/**
 * Restores notices of older changes that were withdrawn since an instant and are true again, because what had lifted them was
 * undone.
 */
export async function restoreNotices(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  memberIds: readonly string[],
  since: Date,
): Promise<void> {
  const due = noticeTimes(now(), await findTimeZone(tx, schemeId))
  await sql`
    update member_notices n set withdrawn_at = null, sent_at = null, messages = 0,
      due_at = case n.channel when 'sms' then ${due.sms}::timestamptz else ${due.mail}::timestamptz end
    from members m, members k, member_changes c
    where n.scheme_id = ${schemeId} and n.member_id = any (${memberIds}::uuid[]) and n.withdrawn_at >= ${since}
      and m.scheme_id = n.scheme_id and m.id = n.member_id
      and k.scheme_id = m.scheme_id and k.id = coalesce(m.merged_into, m.id) and ${memberStillMatchesNotice}
      and c.scheme_id = n.scheme_id and c.id = n.change_id and c.at <= ${since}`.execute(tx)
}

interface NoticeToCompose {
  readonly memberId: string
  readonly name: string
  readonly kind: NoticeKind
  /** Null if no reason was given. */
  readonly reason: string | null
  /** When the reported change was made; absent for a change made now. */
  readonly since?: Date
}

/** The notice to one member: its texts, and its recipients, each number and address once. */
interface ComposedNotice {
  readonly phones: readonly string[]
  readonly addresses: readonly string[]
  readonly sms: Pick<SmsMessage, 'template' | 'values'>
  readonly mail: Pick<MailMessage, 'template' | 'values' | 'link'>
}

/**
 * Composes notices with the current contacts of each member, in the given order. A merged member is reached through the
 * contacts that came from it; a kept one is not reached through contacts that joined it since, because they were notified for
 * their own member.
 */
export async function composeNotices(
  tx: Tx,
  deps: Pick<Deps, 'config' | 'mailer' | 'now'>,
  schemeId: string,
  notices: readonly NoticeToCompose[],
): Promise<ComposedNotice[]> {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  if (scheme === undefined || notices.length === 0) return []
  const ids = notices.map(({ memberId, since }) => ({ memberId, since: since ?? deps.now() }))
  const { rows } = await sql<{ memberId: string; mobile: string | null; mail: string | null }>`
    select t."memberId" as member_id, case when c.sms and not is_landline(c.mobile) then c.mobile end as mobile,
      nullif(lower(c.mail), '') as mail
    from jsonb_to_recordset(${JSON.stringify(ids)}::jsonb) as t ("memberId" uuid, since timestamptz)
    join members m on m.scheme_id = ${schemeId} and m.id = t."memberId"
    join contacts c on c.scheme_id = m.scheme_id and c.member_id = coalesce(m.merged_into, m.id)
    where case when m.merged_into is not null then c.merged_from is not distinct from m.id
      else c.merged_from is null or not exists (
        select from member_merges g where g.scheme_id = m.scheme_id and g.kept_member_id = m.id
          and g.merged_member_id = c.merged_from and g.undone_at is null and g.merged_at >= t.since) end
    order by c.position, c.id`.execute(tx)
  const ways = Map.groupBy(rows, ({ memberId }) => memberId)
  const { phone } = (await readContact(tx, schemeId)).chamber
  const { welcome } = ServiceTexts.parse(scheme.texts)
  const portal = publicAddress(deps.config, '/portail')
  const links: Readonly<Record<NoticeKind, string>> = {
    suspend: portal,
    resume: portal,
    // A member that left can no longer sign in: this page is where it can enrol again.
    leave: publicAddress(deps.config, `/dispositif/${schemeId}`),
    // This page says where the data come from, what they are used for, and which rights the person has.
    welcome: publicAddress(deps.config, `/dispositif/${schemeId}/donnees`),
  }
  return notices.map(({ memberId, name, kind, reason }) => {
    const link = links[kind]
    const known = ways.get(memberId) ?? []
    const own = {
      dispositif: scheme.name,
      chambre: scheme.chamber,
      commerce: nameInSms(name),
      telephone: readablePhone(phone),
    }
    const why = (reason ?? '').replace(/[.\s]+$/, '')
    const values = {
      scheme: scheme.name,
      chamber: scheme.chamber,
      name,
      link,
      chamberPhone: phone === '' ? 'none' : readablePhone(phone),
      why: why === '' ? 'none' : 'given',
      reason: why,
    }
    return {
      phones: [...new Set(known.flatMap(({ mobile }) => mobile ?? []))],
      addresses: deps.mailer === undefined ? [] : [...new Set(known.flatMap(({ mail }) => mail ?? []))],
      sms:
        kind === 'welcome' && welcome !== '' && phone !== ''
          ? { template: 'change.sms.own', values: { text: fillText(welcome, own) } }
          : { template: `change.sms.${kind}`, values: { ...values, shop: nameInSms(name) } },
      mail: { template: `mail.change.${kind}`, values, link },
    }
  })
}

/** Splits the SMS of a notice into its parts. */
export function segmentNotice({ sms: { template, values } }: ComposedNotice): Segmentation {
  return segmentMessage(formatMessage('fr', template, values), { fold: true })
}

/** Lists why a reason does not fit an SMS: too many parts with the longest name, or a link. */
export async function listReasonProblems(
  tx: Tx,
  deps: Pick<Deps, 'config' | 'mailer' | 'now'>,
  schemeId: string,
  kind: NoticeKind,
  reason: string,
): Promise<Problem[]> {
  const name = 'A'.repeat(NAME_IN_SMS)
  const [notice] = await composeNotices(tx, deps, schemeId, [
    { memberId: '00000000-0000-0000-0000-000000000000', name, kind, reason },
  ])
  const parts = notice === undefined ? 0 : segmentNotice(notice).parts.length
  const problems: Problem[] = []
  if (parts > PARTS_MAX) {
    problems.push({ code: 'message.tooLong', path: 'action.reason', values: { parts, max: PARTS_MAX } })
  }
  const [link] = linksIn(reason)
  if (link !== undefined) {
    problems.push({ code: 'message.link', path: 'action.reason', values: { link: link.link } })
  }
  return problems
}

/**
 * Writes due notices of every scheme, a batch at a time, and records which reached their recipient. Each step is a
 * transaction of its own.
 */
export async function sendDueNotices(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer' | 'config' | 'log'>,
): Promise<void> {
  const now = deps.now()
  const { rows } = await sql<{ schemeId: string }>`
    select scheme_id from member_notices where sent_at is null and withdrawn_at is null and due_at <= ${now}
    union
    select scheme_id from member_notices
    where reached_at is null and messages > 0 and sent_at > ${daysBefore(now, KNOWN_AFTER_DAYS + 1)} order by 1`.execute(
    deps.db,
  )
  for (const { schemeId } of rows) {
    try {
      await inScheme(deps.db, schemeId, (tx) => writeDueNotices(tx, deps, schemeId))
      await inScheme(deps.db, schemeId, (tx) => recordReachedNotices(tx, deps, schemeId))
    } catch (error) {
      // Other schemes go on. Only the kind of error is logged: its message may quote personal data.
      const { name, code } = error as { name?: unknown; code?: unknown }
      deps.log.error(
        { schemeId, reason: { name, code } },
        'notices of a scheme could not be sent, trying again',
      )
    }
  }
}

const daysBefore = (now: Date, days: number) => new Date(now.getTime() - days * 24 * 60 * MINUTE_MS)

async function writeDueNotices(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>,
  schemeId: string,
): Promise<void> {
  const now = deps.now()
  await withdrawOutdatedNotices(tx, deps, schemeId)
  const { rows } = await sql<NoticeToCompose & NoticeKey & { cause: string; by: string }>`
    select n.change_id, n.member_id, n.kind, n.channel, m.name, ${causeOfNotice('n')} as cause, coalesce(c.by, g.merged_by) as by,
      case when c.kind = n.kind then c.note end as reason, coalesce(c.at, g.merged_at) as since
    from member_notices n ${joinMember}
    left join member_changes c on c.scheme_id = n.scheme_id and c.id = n.change_id
    left join member_merges g on g.scheme_id = n.scheme_id and g.id = n.change_id
    where n.scheme_id = ${schemeId} and n.sent_at is null and n.withdrawn_at is null and n.due_at <= ${now} and ${memberStillMatchesNotice}
      -- SMS that became due while the program was down also wait for the morning.
      ${isWithinHours(MESSAGE_HOURS, now, await findTimeZone(tx, schemeId)) ? sql`` : sql`and n.channel = 'mail'`}
    order by n.due_at, n.change_id, n.member_id, n.channel limit ${WRITTEN_A_RUN}
    -- Members locked by a writer wait for the next run, since their status may change; writers wait until this run ends.
    for update of n skip locked for share of m, k skip locked`.execute(tx)
  const notices = await composeNotices(tx, deps, schemeId, rows)
  const sms: SmsMessage[] = []
  const mails: MailMessage[] = []
  const validUntil = new Date(now.getTime() + SENT_WITHIN_MS)
  const written = rows.flatMap((row, i) => {
    const notice = notices[i]
    if (notice === undefined) return []
    const { changeId, memberId, kind, channel, cause, by } = row
    const message = { memberId, cause, kept: true }
    const addresses = channel === 'mail' ? notice.addresses : notice.phones
    for (const to of addresses) {
      if (channel === 'mail') mails.push({ ...notice.mail, ...message, to })
      else sms.push({ ...notice.sms, ...message, to, validUntil, createdBy: by, lane: 'reminder' })
    }
    return [{ changeId, memberId, kind, channel, messages: addresses.length }]
  })
  await writeMessages(tx, deps, schemeId, { sms, mails })
  await updateNotices(tx, schemeId, written, sql`sent_at = ${now}, messages = s.messages`)
}

/**
 * Records when sent notices first reached a recipient: the mail server accepted the mail, or the provider reported delivery.
 */
async function recordReachedNotices(tx: Tx, { now }: Pick<Deps, 'now'>, schemeId: string): Promise<void> {
  await sql`
    update member_notices n set reached_at = r.at
    from member_notices w cross join lateral ${firstReachedOf(sql`w.scheme_id`, causeOfNotice('w'))} r
    where w.scheme_id = ${schemeId} and w.reached_at is null and w.messages > 0
      and w.sent_at > ${daysBefore(now(), KNOWN_AFTER_DAYS + 1)}
      and n.scheme_id = w.scheme_id and n.change_id = w.change_id and n.member_id = w.member_id and n.kind = w.kind
      and n.channel = w.channel`.execute(tx)
}
