import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { composeMail } from '../../i18n/mail.ts'
import { say } from '../../i18n/say.ts'
import { writeDirectMessages } from '../../identity/direct-messages.ts'
import { writeMails } from '../../identity/mails.ts'
import { publicAddress } from '../../members/papers/actions.ts'
import { firstReachedAt } from '../../members/reached.ts'
import { nameInSms } from '../../members/rules.ts'
import type { Tx } from '../../platform/db.ts'
import type { DuesNoticeKind } from '../../schema.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'

export type NotifyDeps = Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>

/** A notice is dropped if it cannot be sent within two days. */
const TOLD_WITHIN_MS = 2 * 24 * 3_600_000
const euros = new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' })
const longDay = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long', timeZone: 'UTC' })
const formatDay = (day: string) => longDay.format(new Date(`${day}T00:00:00Z`))
const short = (day: string) => day.replace(/^(\d+)-(\d+)-(\d+)$/, '$3/$2/$1')

/** A notice about a member's dues. */
export interface Notice {
  readonly memberId: string
  readonly name: string
  readonly year: number
  readonly kind: DuesNoticeKind
  readonly step?: number
  /** What it owes for the year. */
  readonly amountCents: number
  readonly dueOn: string
  /** For a warning: the day from which it may be suspended; null if the rule does not suspend. */
  readonly suspendedFrom?: string | null
  /** For the end of a suspension: the campaign was withdrawn and nothing was paid. */
  readonly isWithdrawn?: boolean
}

/** Returns the key of its texts in the message files. */
function noticeTextKey({ kind, suspendedFrom, isWithdrawn }: Notice): string {
  if (kind === 'warning' && suspendedFrom == null) return 'warning_only'
  return kind === 'restored' && isWithdrawn ? 'restored_withdrawn' : kind
}

interface Way {
  readonly id: string
  readonly memberId: string
  /** Null if it has no SMS number. */
  readonly mobile: string | null
  readonly mail: string | null
  readonly dead: boolean
}

/**
 * Notifies members by mail, at every address of their contacts, and by SMS, in the last lane except for notices that change
 * whether alerts arrive. A warning, a suspension and its end are sent to every number that receives alerts; others to the
 * first number of a member, and a first bill only if it has no mail address. Each notice is recorded with the number of
 * messages, which may be zero.
 * @param settings with `sms` false, reminders are sent by mail only, if there is an address
 */
export async function notifyMembers(
  tx: Tx,
  deps: NotifyDeps,
  schemeId: string,
  by: string,
  settings: { readonly sms: boolean },
  notices: readonly Notice[],
): Promise<void> {
  if (notices.length === 0) return
  const scheme = await findSchemeWithChamber(tx, schemeId)
  if (scheme === undefined) return
  const ids = notices.map(({ memberId }) => memberId)
  const { rows: people } = await sql<Way>`
    select c.id, c.member_id, case when c.sms and not is_landline(c.mobile) then c.mobile end as mobile, c.mail,
      coalesce(h.state = 'dead', false) as dead
    from contacts c left join number_health h on h.scheme_id = c.scheme_id and h.phone = c.mobile
    where c.scheme_id = ${schemeId} and c.member_id = any (${ids}::uuid[])
    order by c.position, c.id`.execute(tx)
  const ways = Map.groupBy(people, ({ memberId }) => memberId)
  const at = deps.now()
  const link = publicAddress(deps.config, '/portail/cotisation')
  const mails: Parameters<typeof writeMails>[3][number][] = []
  const messages: Parameters<typeof writeDirectMessages>[3][number][] = []
  const told = notices.map((notice) => {
    const { memberId, name, year, kind, step = 0, amountCents, dueOn, suspendedFrom } = notice
    const known = ways.get(memberId) ?? []
    const isGrave = kind === 'warning' || kind === 'suspended' || kind === 'restored'
    const key = noticeTextKey(notice)
    const values = {
      scheme: scheme.name,
      chamber: scheme.chamber,
      name,
      year: String(year),
      amount: euros.format(amountCents / 100),
      day: formatDay(suspendedFrom ?? dueOn),
    }
    const addresses =
      deps.mailer === undefined ? [] : [...new Set(known.flatMap(({ mail }) => (mail ? [mail] : [])))]
    const content = composeMail('fr', { key: `mail.dues.${key}`, values, link })
    for (const to of addresses) mails.push({ to, content, noted: kind === 'warning' })
    const numbers = known.filter(({ mobile }) => mobile !== null)
    const byMailAlone = addresses.length > 0 && (kind === 'call' || !settings.sms)
    const chosen = isGrave ? numbers : byMailAlone ? [] : numbers.filter(({ dead }) => !dead).slice(0, 1)
    const phones = [...new Set(chosen.flatMap(({ mobile }) => mobile ?? []))]
    const text = say('fr', `dues.sms.${key}`, {
      scheme: scheme.name,
      shop: nameInSms(name),
      year: String(year),
      amount: euros.format(amountCents / 100).replaceAll(/\s/g, ' '),
      day: short(suspendedFrom ?? dueOn),
    })
    for (const phone of phones)
      messages.push({
        phone,
        text,
        memberId,
        validUntil: new Date(at.getTime() + TOLD_WITHIN_MS),
        createdBy: by,
        lane: isGrave ? 'service' : 'reminder',
      })
    return { memberId, year, kind, step, contacts: chosen, addresses, phones }
  })
  const mailIds = await writeMails(tx, deps, schemeId, mails)
  const messageIds = await writeDirectMessages(tx, deps, schemeId, messages)
  const rows = told.map(({ addresses, phones, contacts, ...notice }) => ({
    ...notice,
    id: deps.newId(),
    contacts: contacts.map(({ id }) => id),
    mails: addresses.length,
    mailIds: mailIds.splice(0, addresses.length),
    messageIds: messageIds.splice(0, phones.length),
  }))
  await sql`
    insert into dues_notices (scheme_id, id, year, member_id, kind, step, at, by, contacts, mails, mail_ids, message_ids)
    select ${schemeId}, id, year, "memberId", kind, step, ${at}, ${by}, contacts, mails, "mailIds", "messageIds"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n (id uuid, year smallint, "memberId" uuid, kind text,
      step smallint, contacts uuid[], mails smallint, "mailIds" uuid[], "messageIds" uuid[])`.execute(tx)
}

/** Covers late receipts, and a server that was down and catches up. */
const ASKED_DAYS = 20

/**
 * Records when warnings first reached a contact: the mail server accepted a mail, or the provider reported an SMS as
 * delivered. Under `lockDues`.
 */
export async function recordReachedWarnings(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
): Promise<void> {
  const since = new Date(now().getTime() - ASKED_DAYS * 86_400_000)
  await sql`
    update dues_notices n set reached_at = r.at
    from (
      select w.id, min(got.at) as at
      from (
        select id, unnest(mail_ids || message_ids) as sent from dues_notices
        where scheme_id = ${schemeId} and kind = 'warning' and told is null and reached_at is null and at >= ${since}) w
      cross join lateral ${firstReachedAt(schemeId, sql.ref('w.sent'))} got
      group by w.id) r
    where n.scheme_id = ${schemeId} and n.id = r.id`.execute(tx)
}

/**
 * Condition on a row `n` of dues_notices: it reached a contact. For a warning: given in person, or recorded by
 * `recordReachedWarnings`, since the rule suspends by it. For others, as far as is known: by mail, or by SMS to a number that the
 * contact still has and that no receipt has shown to be invalid (an unknown number becomes doubtful at once).
 */
export const noticeHasReached = sql<boolean>`(n.told is not null or n.reached_at is not null or n.kind <> 'warning' and (n.mails > 0
  or exists (
    select from contacts c left join number_health h on h.scheme_id = c.scheme_id and h.phone = c.mobile
    where c.scheme_id = n.scheme_id and c.member_id = n.member_id and c.id = any (n.contacts) and c.sms
      and coalesce(h.state, 'ok') = 'ok')))`
