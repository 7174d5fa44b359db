import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { frenchDay } from '../../i18n/day.ts'
import { formatMessage } from '../../i18n/format.ts'
import { recordMemberAccess } from '../../members/accesses.ts'
import { lacksPostalCode, townOfLetter } from '../../members/store.ts'
import { decimalEuros } from '../../message/money.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { publicAddress } from '../../platform/address.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { readAloneLine } from '../../settings/alone.ts'
import type { LetterCount } from '../contract.ts'
import { findToday } from '../ledger/ledger.ts'
import type { LetterCountQuery, LettersQuery } from '../letters-query.ts'
import { creditorName, paymentReference } from '../rules.ts'
import { findDuesSettings, remainingDues } from '../store.ts'
import { drawCalls } from './call-pdf.ts'
import { listCutAddresses } from './window.ts'

type LetterDeps = Pick<Deps, 'db' | 'now' | 'config' | 'cards'>

/** Letters in one file: beyond it, a mail merge prints better. */
const MAX_LETTERS = 2000

/** A letter that calls for the dues of a member. */
export interface Letter {
  readonly memberId: string
  readonly name: string
  readonly address: string | null
  /** "63500 Issoire". */
  readonly town: string
  readonly lacksPostalCode: boolean
  readonly suspended: boolean
  readonly owedCents: number
  readonly years: readonly { readonly year: number; readonly cents: number; readonly dueOn: string }[]
  readonly reference: string
}

/** The creditor of the dues, and the ways to pay. An empty value is not offered. */
export interface LetterHead {
  readonly scheme: string
  readonly creditor: { readonly name: string; readonly address: string; readonly siret: string }
  readonly iban: string
  readonly bic: string
  readonly chequeOrder: string
  /** The page where cards are taken; undefined: none are. */
  readonly cardPage: string | undefined
  readonly day: string
  readonly at: Date
  /** The line of a scheme whose settings one person decided alone. */
  readonly alone: string | undefined
}

/** Reads what members owe over all years, by name; none whose dues a debit is collecting. */
async function listLetters(
  tx: Tx,
  schemeId: string,
  {
    who,
    member,
    day,
  }: { readonly who: LettersQuery['who']; readonly member?: string | undefined; readonly day: string },
): Promise<Letter[]> {
  const one = member === undefined ? undefined : [member]
  const { rows } = await sql<Omit<Letter, 'reference'>>`
    select m.id as member_id, m.name, m.address, ${townOfLetter} as town, ${lacksPostalCode} as lacks_postal_code, m.status = 'suspended' as suspended,
      sum(r.remaining_cents)::int as owed_cents,
      jsonb_agg(jsonb_build_object('year', r.year, 'cents', r.remaining_cents, 'dueOn', r.due_on) order by r.year) as years
    from (${remainingDues(schemeId, one)}) r
    join members m on m.scheme_id = ${schemeId} and m.id = r.member_id and m.status in ('active', 'suspended')
    join communes c on c.code = m.commune_code
    where r.remaining_cents > 0
      and not exists (select from dues_debits d
        where d.scheme_id = m.scheme_id and d.member_id = m.id and d.state = 'pending')
      ${
        who === 'no_mail'
          ? sql`and not exists (select from contacts k
              where k.scheme_id = m.scheme_id and k.member_id = m.id and k.mail is not null and k.mail <> '')`
          : sql``
      }
    group by m.id, m.name, m.address, m.postal_code, m.commune_code, c.postal_codes, c.name, m.status, m.search_name
    ${who === 'late' ? sql`having bool_or(r.due_on < ${day}::date)` : sql``}
    order by m.search_name, m.id`.execute(tx)
  return rows.map((row) => ({ ...row, reference: paymentReference(schemeId, row.memberId) }))
}

async function readHead(tx: Tx, deps: LetterDeps, schemeId: string): Promise<LetterHead> {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  const settings = await findDuesSettings(tx, schemeId)
  if (scheme === undefined || settings === undefined) throw new AppError('not_found')
  const { address, siret, iban, bic, chequeOrder } = settings.creditor
  return {
    scheme: scheme.name,
    creditor: { name: creditorName(settings, scheme), address, siret },
    ...{ iban, bic, chequeOrder },
    cardPage: deps.cards === undefined ? undefined : publicAddress(deps.config, '/portail/cotisation'),
    day: await findToday(tx, deps, schemeId),
    at: deps.now(),
    alone: await readAloneLine(tx, schemeId, 'fr'),
  }
}

/** Returns the call of one member as a PDF. @throws AppError `not_found` if it owes nothing */
export async function getCall(
  deps: LetterDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
): Promise<Buffer> {
  authorize(actor, 'dues.manage', schemeId)
  const { head, letters } = await inScheme(deps.db, schemeId, async (tx) => {
    const of = await readHead(tx, deps, schemeId)
    const found = await listLetters(tx, schemeId, { who: 'owing', member: memberId, day: of.day })
    if (found.length === 0) throw new AppError('not_found')
    await recordMemberAccess(tx, actor, schemeId, { what: 'dues', memberIds: [memberId], now: deps.now() })
    return { head: of, letters: found }
  })
  return drawCalls(head, letters)
}

/**
 * Returns the calls of many members as one PDF, a page each. It is audited, since it names them.
 * @throws AppError `not_found` if nobody owes; `too_many_letters` beyond MAX_LETTERS
 */
export async function getCalls(
  deps: LetterDeps,
  actor: Actor,
  schemeId: string,
  query: LettersQuery,
): Promise<Buffer> {
  const { head, letters } = await readLetters(deps, actor, schemeId, query, 'pdf')
  return drawCalls(head, letters)
}

/** Maximum number of members that a count names: those without a postal code, and those whose address is cut. */
const MAX_NAMED = 12

/** Counts the letters to print, those whose address has no postal code, and those whose address does not fit in the window. */
export async function countLetters(
  deps: LetterDeps,
  actor: Actor,
  schemeId: string,
  { who, member }: LetterCountQuery,
): Promise<LetterCount> {
  authorize(actor, 'dues.manage', schemeId)
  const letters = await inScheme(deps.db, schemeId, async (tx) =>
    listLetters(tx, schemeId, { who, member, day: await findToday(tx, deps, schemeId) }),
  )
  const incomplete = letters.filter((one) => one.lacksPostalCode)
  const cut = await listCutAddresses(letters)
  const named = (some: readonly Letter[]) =>
    some.slice(0, MAX_NAMED).map(({ memberId, name }) => ({ id: memberId, name }))
  return {
    letters: letters.length,
    withoutPostalCode: incomplete.length,
    members: named(incomplete),
    cut: cut.length,
    cutMembers: named(cut),
  }
}

async function readLetters(
  deps: LetterDeps,
  actor: Actor,
  schemeId: string,
  { who }: LettersQuery,
  format: 'pdf' | 'csv' | 'xlsx',
): Promise<{ readonly head: LetterHead; readonly letters: Letter[] }> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const head = await readHead(tx, deps, schemeId)
    const letters = await listLetters(tx, schemeId, { who, day: head.day })
    if (format === 'pdf' && letters.length === 0) throw new AppError('not_found')
    if (format === 'pdf' && letters.length > MAX_LETTERS)
      throw new AppError('too_many_letters', { values: { count: letters.length, most: MAX_LETTERS } })
    const memberIds = letters.map(({ memberId }) => memberId)
    await recordMemberAccess(tx, actor, schemeId, { what: 'export', memberIds, now: deps.now() })
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'dues.letters',
      subject: `scheme:${schemeId}`,
      details: { who, format, letters: letters.length },
    })
    return { head, letters }
  })
}

const COLUMNS = [
  'name',
  'address',
  'postal_code',
  'town',
  'amount',
  'due',
  'years',
  'reference',
  'payee',
  'iban',
  'bic',
  'cheque',
  'send',
  'suspended',
] as const

/**
 * Returns the table for a mail merge, the header first: a line a member, with all that a letter says. It is audited.
 * @param format what the rows become, for the audit log
 */
export async function listLetterRows(
  deps: LetterDeps,
  actor: Actor,
  schemeId: string,
  query: LettersQuery,
  format: 'csv' | 'xlsx',
): Promise<string[][]> {
  const { head, letters } = await readLetters(deps, actor, schemeId, query, format)
  const t = (key: string) => formatMessage('fr', key)
  return [
    COLUMNS.map((column) => t(`letters.column.${column}`)),
    ...letters.map(({ name, address, town, owedCents, years, reference, suspended }) => {
      const [, code = '', place = town] = /^(\d{5}) (.*)$/.exec(town) ?? []
      return [
        ...[name, address ?? '', code, place, decimalEuros(owedCents), frenchDay(lastDueDay(years))],
        ...[years.map(({ year }) => year).join(', '), reference, head.creditor.name, head.iban, head.bic],
        ...[head.chequeOrder, head.creditor.address, suspended ? t('letters.yes') : t('letters.no')],
      ]
    }),
  ]
}

/** Returns the day by which everything is to be paid: that of the latest year. */
export function lastDueDay(years: Letter['years']): string {
  return years
    .map(({ dueOn }) => dueOn)
    .sort()
    .at(-1)!
}
