import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { longDay } from '../../i18n/day.ts'
import { fillText } from '../../i18n/fill.ts'
import { inEachLang } from '../../i18n/format.ts'
import { nameInSms } from '../../members/rules.ts'
import { DAY_MS } from '../../message/clock.ts'
import { formatEuros } from '../../message/money.ts'
import { writeMessages } from '../../outbox/actions.ts'
import type { MailMessage, SmsMessage } from '../../outbox/contract.ts'
import { firstReachedOf } from '../../outbox/reached.ts'
import { publicAddress } from '../../platform/address.ts'
import type { Tx } from '../../platform/db.ts'
import type { DuesNoticeKind } from '../../schema.ts'
import { ServiceTexts } from '../../schemes/contract.ts'
import { findSchemeWithChamber, type SchemeWithChamber } from '../../schemes/store.ts'

export type NotifyDeps = Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>

/** A notice is dropped if it cannot be sent within two days. */
const NOTICE_VALID_MS = 2 * DAY_MS
const short = (day: string) => day.replace(/^(\d+)-(\d+)-(\d+)$/, '$3/$2/$1')

/** A notice about a member's dues. */
export interface Notice {
  readonly memberId: string
  readonly name: string
  readonly year: number
  readonly kind: DuesNoticeKind
  readonly step?: number
  /** The amount that the member owes for the year. */
  readonly amountCents: number
  readonly dueOn: string
  /** For a warning: the day from which it may be suspended; null if the rule does not suspend. */
  readonly suspendedFrom?: string | null
  /** For a call: alerts are suspended, and the amount is what is owed over all years. */
  readonly isSuspended?: boolean
  /** For the end of a suspension: the campaign was withdrawn and nothing was paid. */
  readonly isWithdrawn?: boolean
}

/** Returns the key of its texts in the message files. */
function noticeTextKey({ kind, suspendedFrom, isWithdrawn, isSuspended }: Notice): string {
  if (kind === 'call' && isSuspended === true) return 'call_suspended'
  if (kind === 'warning' && suspendedFrom == null) return 'warning_only'
  return kind === 'restored' && isWithdrawn ? 'restored_withdrawn' : kind
}

/** Notices that change whether alerts arrive. */
const GRAVE: ReadonlySet<DuesNoticeKind> = new Set(['warning', 'suspended', 'restored'])

/** Chooses the contacts of a member that a notice is sent to by SMS. */
function chooseNumbers(
  known: readonly Way[],
  { isGrave, byMailAlone }: { readonly isGrave: boolean; readonly byMailAlone: boolean },
): readonly Way[] {
  const numbers = known.filter(({ mobile }) => mobile !== null)
  if (isGrave) return numbers
  return byMailAlone ? [] : numbers.filter(({ dead }) => !dead).slice(0, 1)
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
  {
    by,
    settings,
    notices,
  }: {
    readonly by: string
    readonly settings: { readonly sms: boolean }
    readonly notices: readonly Notice[]
  },
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
  const texts = ServiceTexts.parse(scheme.texts)
  const at = deps.now()
  const link = publicAddress(deps.config, '/portail/cotisation')
  const mails: MailMessage[] = []
  const sms: SmsMessage[] = []
  const rows = notices.map((notice) => {
    const { memberId, year, kind, step = 0 } = notice
    const known = ways.get(memberId) ?? []
    const isGrave = GRAVE.has(kind)
    const id = deps.newId()
    const message = { memberId, cause: causeOf(id), kept: kind === 'warning' }
    const addresses =
      deps.mailer === undefined ? [] : [...new Set(known.flatMap(({ mail }) => (mail ? [mail] : [])))]
    for (const to of addresses) mails.push({ ...message, to, ...noticeInMail(notice, scheme), link })
    const byMailAlone = addresses.length > 0 && (kind === 'call' || !settings.sms)
    const chosen = chooseNumbers(known, { isGrave, byMailAlone })
    const phones = [...new Set(chosen.flatMap(({ mobile }) => mobile ?? []))]
    for (const to of phones)
      sms.push({
        ...message,
        to,
        ...noticeInSms(notice, scheme, texts),
        validUntil: new Date(at.getTime() + NOTICE_VALID_MS),
        createdBy: by,
        lane: isGrave ? 'service' : 'reminder',
      })
    return {
      ...{ id, memberId, year, kind, step },
      contacts: chosen.map((contact) => contact.id),
      mails: addresses.length,
      messages: addresses.length + phones.length,
    }
  })
  await writeMessages(tx, deps, schemeId, { sms, mails })
  await sql`
    insert into dues_notices (scheme_id, id, year, member_id, kind, step, at, by, contacts, mails, messages)
    select ${schemeId}, id, year, "memberId", kind, step, ${at}, ${by}, contacts, mails, messages
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n (id uuid, year smallint, "memberId" uuid, kind text,
      step smallint, contacts uuid[], mails smallint, messages smallint)`.execute(tx)
}

/** The names that the texts of notices mention. */
type NamedScheme = Pick<SchemeWithChamber, 'name' | 'chamber'>

function noticeInMail(notice: Notice, scheme: NamedScheme): Pick<MailMessage, 'template' | 'values'> {
  const { name, year, amountCents, dueOn, suspendedFrom } = notice
  return {
    template: `mail.dues.${noticeTextKey(notice)}`,
    values: {
      scheme: scheme.name,
      year: String(year),
      chamber: scheme.chamber,
      name,
      amount: inEachLang((lang) => formatEuros(amountCents, lang)),
      day: inEachLang((lang) => longDay(suspendedFrom ?? dueOn, lang)),
    },
  }
}

/** Returns the SMS of a notice: the text of the scheme for a bill or a reminder, if it has one. */
function noticeInSms(
  notice: Notice,
  scheme: NamedScheme,
  texts: ServiceTexts,
): Pick<SmsMessage, 'template' | 'values'> {
  const { name, year, amountCents, dueOn, suspendedFrom } = notice
  const key = noticeTextKey(notice)
  const own = key === 'call' ? texts.duesCall : key === 'reminder' ? texts.duesReminder : ''
  if (own !== '') {
    const values = {
      dispositif: scheme.name,
      chambre: scheme.chamber,
      commerce: nameInSms(name),
      annee: String(year),
    }
    return { template: 'dues.sms.own', values: { text: fillText(own, values) } }
  }
  return {
    template: `dues.sms.${key}`,
    values: {
      scheme: scheme.name,
      year: String(year),
      shop: nameInSms(name),
      amount: inEachLang((lang) => formatEuros(amountCents, lang).replaceAll(/\s/g, ' ')),
      day: short(suspendedFrom ?? dueOn),
    },
  }
}

/** The cause in the outbox of the messages of a notice. */
export const causeOf = (noticeId: string) => `dues:${noticeId}`

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
  const since = new Date(now().getTime() - ASKED_DAYS * DAY_MS)
  await sql`
    update dues_notices n set reached_at = r.at
    from dues_notices w cross join lateral ${firstReachedOf(sql`w.scheme_id`, sql`'dues:' || w.id`)} r
    where w.scheme_id = ${schemeId} and w.kind = 'warning' and w.in_person is null and w.reached_at is null and w.at >= ${since}
      and n.scheme_id = w.scheme_id and n.id = w.id`.execute(tx)
}

/**
 * Condition on a row `n` of dues_notices: it reached a contact. For a warning: given in person, or recorded by
 * `recordReachedWarnings`, since the rule suspends by it. For others, as far as is known: by mail, or by SMS to a number that the
 * contact still has and that no receipt has shown to be invalid (an unknown number becomes doubtful at once).
 */
export const noticeHasReached = sql<boolean>`(n.in_person is not null or n.reached_at is not null or n.kind <> 'warning' and (n.mails > 0
  or exists (
    select from contacts c left join number_health h on h.scheme_id = c.scheme_id and h.phone = c.mobile
    where c.scheme_id = n.scheme_id and c.member_id = n.member_id and c.id = any (n.contacts) and c.sms
      and coalesce(h.state, 'ok') = 'ok')))`
