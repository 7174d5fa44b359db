import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { buildAccountView } from '../../dues/actions.ts'
import type { MemberDues } from '../../dues/contract.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import type { AccessKind } from '../../members/contract.ts'
import { decimalEuros } from '../../message/money.ts'
import { listReceivedMessages, type ReceivedState } from '../../messages/received.ts'
import { type Actor, authorizeOwn, type SchemeRole, type ShopId } from '../../permissions.ts'
import { BYTE_ORDER_MARK, csvRow, csvTime } from '../../platform/csv.ts'
import { findTimeZone } from '../../platform/database/time-zone.ts'
import { inScheme, inShop } from '../../platform/db.ts'
import { listOwnReports } from '../../reports/own/actions.ts'
import type { OwnReportView } from '../../reports/own/contract.ts'
import type { DuesNoticeKind, OptOutWay } from '../../schema.ts'
import type { OwnShopView } from '../shop/contract.ts'
import { getOwnShop } from '../shop/shop.ts'
import { listOwnAlerts } from './actions.ts'
import type { OwnAlertView } from './contract.ts'

/** All stored data of a shop, for its contacts to download. Timestamps are in UTC. */
export interface OwnData {
  readonly takenAt: string
  readonly scheme: string
  /** The time zone of the scheme, in which the CSV file gives the times. */
  readonly timeZone: string
  readonly shop: OwnShopView
  /** Fields that only the chamber changes. Days as YYYY-MM-DD; `charterOn`: when the shop signed the charter on paper. */
  readonly held: {
    readonly naf: string | null
    readonly naf2025: string | null
    readonly postalCode: string | null
    readonly joinedOn: string | null
    /** When the chamber or the scheme added the member. */
    readonly addedAt: string
    readonly charterOn: string | null
  }
  /** Each opt-out or opt-in of a number. */
  readonly smsChoices: readonly {
    readonly at: string
    readonly phone: string
    readonly takes: boolean
    readonly how: OptOutWay
  }[]
  readonly charter: readonly {
    readonly version: number
    readonly sha256: string
    readonly signedName: string
    /** The signer was identified by a number or by a mail address; the other is null. */
    readonly mobile: string | null
    readonly mail: string | null
    readonly signedAt: string
  }[]
  /** Accesses to the shop's data by role, latest first. */
  readonly accesses: readonly { readonly at: string; readonly role: SchemeRole; readonly what: AccessKind }[]
  /** Notices about its dues; `inPerson`: how it was given in person. */
  readonly notices: readonly {
    readonly at: string
    readonly year: number
    readonly kind: DuesNoticeKind
    readonly inPerson: string | null
  }[]
  /** Data requests and the responses. */
  readonly requests: readonly {
    readonly kind: string
    readonly person: string
    readonly via: string
    readonly receivedOn: string
    readonly dueOn: string
    readonly state: string
    readonly answer: string
    readonly decidedAt: string | null
  }[]
  /** Amounts owed and paid, and the mandates, with only the last four characters of their accounts. */
  readonly dues: Pick<MemberDues, 'balanceCents' | 'years' | 'payments' | 'refunds'> & {
    readonly mandates: readonly {
      readonly reference: string
      readonly ibanEnd: string
      readonly holder: string
      readonly signedAt: string
      readonly revokedAt: string | null
    }[]
  }
  readonly alerts: readonly OwnAlertView[]
  /** Messages of the chamber, latest first. */
  readonly messages: readonly {
    readonly at: string
    readonly channel: 'sms' | 'mail'
    readonly subject: string
    readonly text: string
    readonly state: ReceivedState
  }[]
  readonly reports: readonly OwnReportView[]
}

const PAGE = 50
/** More than the number kept over the years. */
const MESSAGES_MAX = 10_000

/**
 * Exports all stored data of a shop and records the export in the audit log.
 * @throws AppError `not_found` for another member's shop
 */
export async function exportOwnData(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  of: ShopId,
): Promise<OwnData> {
  const shop = authorizeOwn(actor, 'own.read', of)
  const kept = await inShop(deps.db, shop, async (tx) => ({
    scheme: await tx
      .selectFrom('schemes')
      .select('name')
      .where('id', '=', shop.schemeId)
      .executeTakeFirstOrThrow(),
    timeZone: await findTimeZone(tx, shop.schemeId),
    smsChoices: await tx
      .selectFrom('optOuts')
      .select(['at', 'phone', 'takes', 'how'])
      .where('schemeId', '=', shop.schemeId)
      .orderBy('at')
      .orderBy('id')
      .execute(),
    charter: await tx
      .selectFrom('charterSignatures')
      .select(['version', 'sha256', 'signedName', 'mobile', 'mail', 'signedAt'])
      .where('schemeId', '=', shop.schemeId)
      .orderBy('signedAt')
      .execute(),
    accesses: await tx
      .selectFrom('memberAccesses')
      .select(['at', 'role', 'what'])
      .where('schemeId', '=', shop.schemeId)
      .orderBy('at', 'desc')
      .orderBy('what')
      .execute(),
    notices: await tx
      .selectFrom('duesNotices')
      .select(['at', 'year', 'kind', 'inPerson'])
      .where('schemeId', '=', shop.schemeId)
      .orderBy('at')
      .execute(),
    requests: await tx
      .selectFrom('dataRequests')
      .select(['kind', 'person', 'via', 'state', 'answer', 'decidedAt'])
      .select([sql<string>`received_on::text`.as('receivedOn'), sql<string>`due_on::text`.as('dueOn')])
      .where('schemeId', '=', shop.schemeId)
      .orderBy('receivedOn')
      .orderBy('id')
      .execute(),
    account: await buildAccountView(tx, deps, shop.schemeId, shop.memberId),
    mandates: await tx
      .selectFrom('duesMandates')
      .select(['reference', 'ibanEnd', 'holder', 'signedAt', 'revokedAt'])
      .where('schemeId', '=', shop.schemeId)
      .orderBy('signedAt')
      .execute(),
  }))
  const alerts: OwnAlertView[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const page = await listOwnAlerts(deps, actor, of, { limit: PAGE, after })
    alerts.push(...page.alerts)
    after = page.next
  }
  const data: OwnData = {
    takenAt: deps.now().toISOString(),
    scheme: kept.scheme.name,
    timeZone: kept.timeZone,
    shop: await getOwnShop(deps, actor, of),
    // A contact's own statements may not read the day of the paper charter.
    held: await inScheme(deps.db, shop.schemeId, async (tx) => {
      const { createdAt, ...held } = await tx
        .selectFrom('members')
        .select(['naf', 'naf2025', 'postalCode', 'joinedOn', 'charterOn', 'createdAt'])
        .where('schemeId', '=', shop.schemeId)
        .where('id', '=', shop.memberId)
        .executeTakeFirstOrThrow()
      return { ...held, addedAt: createdAt.toISOString() }
    }),
    smsChoices: kept.smsChoices.map(({ at, ...one }) => ({ ...one, at: at.toISOString() })),
    charter: kept.charter.map(({ signedAt, ...one }) => ({ ...one, signedAt: signedAt.toISOString() })),
    accesses: kept.accesses.map(({ at, ...one }) => ({ ...one, at: at.toISOString() })),
    notices: kept.notices.map(({ at, ...one }) => ({ ...one, at: at.toISOString() })),
    requests: kept.requests.map(({ decidedAt, ...one }) => ({
      ...one,
      decidedAt: decidedAt?.toISOString() ?? null,
    })),
    dues: {
      ...kept.account,
      mandates: kept.mandates.map(({ signedAt, revokedAt, ...one }) => ({
        ...one,
        signedAt: signedAt.toISOString(),
        revokedAt: revokedAt?.toISOString() ?? null,
      })),
    },
    alerts,
    messages: (
      await inScheme(deps.db, shop.schemeId, (tx) =>
        listReceivedMessages(tx, shop.schemeId, shop.memberId, { limit: MESSAGES_MAX }),
      )
    ).map(({ at, channel, subject, text, state }) => ({
      at: at.toISOString(),
      channel,
      subject,
      text,
      state,
    })),
    reports: (await listOwnReports(deps, actor, of)).reports,
  }
  await inScheme(deps.db, shop.schemeId, (tx) =>
    recordAudit(tx, shop.schemeId, deps.now(), {
      actor: shop.name,
      action: 'member.export',
      subject: `member:${shop.memberId}`,
    }),
  )
  return data
}

/** Formats the same data as CSV for a spreadsheet: subject, time (in the scheme), kind, text. */
export function ownDataCsv(data: OwnData, lang: Lang): string {
  const heads = ['about', 'when', 'what', 'words'] as const
  const rows: string[] = [csvRow(heads.map((head) => formatMessage(lang, `own.csv.${head}`)))]
  const line: WriteLine = (about, when, what, words) =>
    rows.push(csvRow([about, csvTime(when, data.timeZone), what, words ?? '']))
  writeShop(data, lang, line)
  writePeople(data, lang, line)
  writeRequests(data, lang, line)
  writeDues(data, lang, line)
  writeAlerts(data, lang, line)
  writeMessages(data, lang, line)
  return `${BYTE_ORDER_MARK}${rows.join('')}`
}

function formatTime(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

type WriteLine = (about: string, when: string | null, what: string, words: string | null) => void

/** Writes the people of the shop, their choices about SMS and the charters that they signed. */
function writePeople(data: OwnData, lang: Lang, line: WriteLine): void {
  for (const { person, phone, mail, sms } of data.shop.people) {
    const words = [phone, mail, sms ? 'SMS' : null].filter((one) => one !== null).join(', ')
    line(formatMessage(lang, 'own.csv.person'), null, person, words)
  }
  for (const { at, phone, takes, how } of data.smsChoices) {
    line(
      formatMessage(lang, takes ? 'own.csv.on' : 'own.csv.off'),
      at,
      formatMessage(lang, `own.csv.how.${how}`),
      phone,
    )
  }
  for (const { signedAt, version, signedName, mobile, mail } of data.charter) {
    line(formatMessage(lang, 'own.csv.charter'), signedAt, `v${version}`, `${signedName}, ${mobile ?? mail}`)
  }
}

/** Writes who read the data, the notices to the member and its requests about data. */
function writeRequests(data: OwnData, lang: Lang, line: WriteLine): void {
  for (const { at, role, what } of data.accesses) {
    line(
      formatMessage(lang, 'own.csv.look'),
      at,
      formatMessage(lang, `own.csv.look.${what}`),
      formatMessage(lang, `own.csv.role.${role}`),
    )
  }
  for (const { at, year, kind, inPerson } of data.notices) {
    line(
      formatMessage(lang, 'own.csv.notice'),
      at,
      String(year),
      formatMessage(lang, `own.csv.notice.${inPerson === null ? kind : 'inPerson'}`),
    )
  }
  for (const { kind, receivedOn, decidedAt, person, answer, state } of data.requests) {
    const words = [person, formatMessage(lang, `own.csv.request.${state}`), answer]
      .filter(Boolean)
      .join(' | ')
    const when = decidedAt ?? `${receivedOn}T12:00:00Z`
    line(formatMessage(lang, 'own.csv.request'), when, formatMessage(lang, `own.csv.request.${kind}`), words)
  }
}

function writeDues(data: OwnData, lang: Lang, line: WriteLine): void {
  const euros = (cents: number) => decimalEuros(cents, lang === 'fr' ? ',' : '.')
  for (const { year, amountCents, remainingCents } of data.dues.years) {
    line(
      formatMessage(lang, 'own.csv.dues'),
      null,
      String(year),
      `${euros(amountCents)} (${euros(remainingCents)})`,
    )
  }
  for (const { receivedOn, way, amountCents, receipt, cancelled } of data.dues.payments) {
    const words = [euros(amountCents), receipt.number, cancelled?.receipt.number].filter(Boolean).join(', ')
    line(
      formatMessage(lang, 'own.csv.payment'),
      `${receivedOn}T12:00:00Z`,
      formatMessage(lang, `receipt.way.${way}`),
      words,
    )
  }
  for (const { paidOn, way, amountCents, receipt, cancelled } of data.dues.refunds) {
    const words = [euros(amountCents), receipt.number, cancelled?.receipt.number].filter(Boolean).join(', ')
    line(
      formatMessage(lang, 'own.csv.refund'),
      `${paidOn}T12:00:00Z`,
      formatMessage(lang, `receipt.way.${way}`),
      words,
    )
  }
  for (const { signedAt, reference, holder, ibanEnd } of data.dues.mandates) {
    line(formatMessage(lang, 'own.csv.mandate'), signedAt, reference, `${holder}, …${ibanEnd}`)
  }
}

function writeAlerts(data: OwnData, lang: Lang, line: WriteLine): void {
  for (const alert of data.alerts) {
    line(
      formatMessage(lang, 'own.csv.alert'),
      alert.sentAt,
      `${alert.reference} ${labelOf(lang, alert.category)}`,
      alert.text,
    )
    for (const { at, kind, text } of alert.updates) {
      line(
        formatMessage(lang, 'own.csv.alert'),
        at,
        `${alert.reference} ${formatMessage(lang, `own.csv.${kind}`)}`,
        text,
      )
    }
    if (alert.readAt !== null) line(formatMessage(lang, 'own.csv.read'), alert.readAt, alert.reference, null)
  }
}

/** Writes the messages to the member and the calls that it made. */
function writeMessages(data: OwnData, lang: Lang, line: WriteLine): void {
  for (const { at, channel, subject, text, state } of data.messages) {
    const what = `${formatMessage(lang, `own.csv.${channel}`)}, ${formatMessage(lang, `own.csv.message.${state}`)}`
    line(formatMessage(lang, 'own.csv.message'), at, what, [subject, text].filter(Boolean).join(' | '))
  }
  for (const report of data.reports) {
    const words = [report.place, report.facts, report.answer].filter((one) => one !== null).join(' | ')
    line(formatMessage(lang, 'own.csv.report'), report.createdAt, labelOf(lang, report.category), words)
  }
}

function labelOf(lang: Lang, { labelFr, labelEn }: { labelFr: string; labelEn: string }): string {
  return lang === 'fr' ? labelFr : labelEn
}

/** Writes what is held of the business itself, in lines of the CSV file. */
function writeShop({ shop: own, held, scheme }: OwnData, lang: Lang, line: WriteLine): void {
  const { business, quiet } = own
  const { naf, naf2025, postalCode, joinedOn, charterOn } = held
  const shop = formatMessage(lang, 'own.csv.shop')
  line(shop, held.addedAt, formatMessage(lang, 'own.csv.scheme'), scheme)
  line(shop, null, formatMessage(lang, 'own.csv.name'), business.name)
  line(shop, null, 'SIRET', business.siret)
  line(
    shop,
    null,
    formatMessage(lang, 'own.csv.trade'),
    lang === 'fr' ? business.trade.nameFr : business.trade.nameEn,
  )
  line(shop, null, 'NAF', [naf, naf2025].filter(Boolean).join(', '))
  const commune = [postalCode, business.commune.name].filter(Boolean).join(' ')
  line(shop, null, formatMessage(lang, 'own.csv.commune'), commune)
  line(shop, null, formatMessage(lang, 'own.csv.address'), business.address)
  line(
    shop,
    null,
    formatMessage(lang, 'own.csv.status'),
    formatMessage(lang, `own.csv.status.${business.status}`),
  )
  line(
    shop,
    null,
    formatMessage(lang, 'own.csv.quiet'),
    quiet === null ? null : `${formatTime(quiet.from)}-${formatTime(quiet.to)}`,
  )
  for (const [key, day] of [
    ['own.csv.joinedOn', joinedOn],
    ['own.csv.charterOn', charterOn],
  ] as const)
    if (day !== null) line(shop, `${day}T12:00:00Z`, formatMessage(lang, key), null)
}
