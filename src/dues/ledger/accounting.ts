import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { formatMessage } from '../../i18n/format.ts'
import { dayIn } from '../../message/clock.ts'
import { decimalEuros } from '../../message/money.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { BYTE_ORDER_MARK, csvRow } from '../../platform/csv.ts'
import { findTimeZone } from '../../platform/database/time-zone.ts'
import { inScheme } from '../../platform/db.ts'
import type { LedgerAccount, LedgerKind } from '../../schema.ts'
import { DuesSettings } from '../../schemes/contract.ts'

/** Columns of the French file of accounting entries (FEC: livre des procédures fiscales, article A47 A-1). */
const COLUMNS = [
  'JournalCode',
  'JournalLib',
  'EcritureNum',
  'EcritureDate',
  'CompteNum',
  'CompteLib',
  'CompAuxNum',
  'CompAuxLib',
  'PieceRef',
  'PieceDate',
  'EcritureLib',
  'Debit',
  'Credit',
  'EcritureLet',
  'DateLet',
  'ValidDate',
  'Montantdevise',
  'Idevise',
] as const

/** The journal of an entry: fees, the account that received money, or other operations. */
const JOURNALS = { income: 'CO', bank: 'BQ', cheques: 'CH', cash: 'CA', cards: 'CB' } as const

interface Line {
  readonly no: number
  readonly enteredOn: string
  readonly kind: LedgerKind
  readonly account: LedgerAccount
  /** The other account of the entry. */
  readonly against: Exclude<LedgerAccount, 'receivable'>
  readonly memberId: string | null
  readonly member: string
  readonly piece: string
  /** Whether the cancelled movement is a refund. */
  readonly ofRefund: boolean
  readonly debitCents: number
  readonly creditCents: number
  readonly writtenAt: Date
  /** Reference of its payment or refund: the number of the cheque, the label of the transfer; null if it has none. */
  readonly reference: string | null
  /** Settled lines of a member only: which of the member's settled groups it is in, from 0, and when that was settled. */
  readonly lettered: number | null
  readonly letteredOn: string | null
}

/** Formats the lettering of a settled group: AAA, AAB… */
function letteringCode(group: number): string {
  return [676, 26, 1].map((unit) => String.fromCharCode(65 + (Math.floor(group / unit) % 26))).join('')
}

/**
 * Exports the entries of a year (by the day that they count for) as CSV with the columns of the FEC: semicolons, UTF-8, days
 * as 20260312, amounts as 10,00. Entries keep their ledger numbers, which have no gaps over all years. The auxiliary account of a
 * member has twelve characters, of which the last eight end its payment reference. Lines of a member are lettered together as soon
 * as its account is settled, so that later movements change no lettering. Journals, accounts and entries are named in French
 * (article A47 A-1). The export is audited, since it names members.
 */
export async function exportAccounting(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  year: number,
): Promise<string> {
  authorize(actor, 'dues.export', schemeId)
  const { lines, accounts, timeZone } = await inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await tx.selectFrom('schemes').select('dues').where('id', '=', schemeId).executeTakeFirst()
    const { rows } = await sql<Line>`
      with referenced as (
        select entry_no as no, reference from dues_payments where scheme_id = ${schemeId}
        union all select cancel_entry_no, reference from dues_payments where scheme_id = ${schemeId} and cancel_entry_no is not null
        union all select entry_no, reference from dues_refunds where scheme_id = ${schemeId}
        union all select cancel_entry_no, reference from dues_refunds where scheme_id = ${schemeId} and cancel_entry_no is not null
      ), balances as (
        select no, line, member_id, sum(debit_cents - credit_cents) over (partition by member_id order by no, line) as cents
        from ledger_lines where scheme_id = ${schemeId} and member_id is not null
      ), grouped as (
        select no, line, member_id, cents, count(*) filter (where cents = 0) over (
          partition by member_id order by no, line rows between unbounded preceding and 1 preceding)::int as of_group
        from balances
      ), settled as (
        -- An entry may count for an earlier day than one that was written before it.
        select g.member_id, g.of_group, max(s.entered_on) as entered_on from grouped g
        join ledger_entries s on s.scheme_id = ${schemeId} and s.no = g.no
        group by g.member_id, g.of_group having bool_or(g.cents = 0)
      )
      select e.no, e.entered_on, e.kind, l.account, l.member_id, e.member, e.piece, l.debit_cents, l.credit_cents, e.written_at,
        d.reference, s.of_group as lettered, s.entered_on as lettered_on,
        exists (select from dues_refunds f where f.scheme_id = e.scheme_id and f.cancel_entry_no = e.no) as of_refund,
        (select x.account from ledger_lines x where x.scheme_id = e.scheme_id and x.no = e.no and x.account <> 'receivable') as against
      from ledger_entries e join ledger_lines l on l.scheme_id = e.scheme_id and l.no = e.no
      left join referenced d on d.no = e.no
      left join grouped g on g.no = l.no and g.line = l.line
      left join settled s on s.member_id = g.member_id and s.of_group = g.of_group
      where e.scheme_id = ${schemeId} and e.entered_on >= make_date(${year}, 1, 1) and e.entered_on <= make_date(${year}, 12, 31)
      order by e.no, l.line`.execute(tx)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'dues.export',
      subject: `dues:${year}`,
      details: { lines: rows.length },
    })
    return {
      lines: rows,
      accounts: DuesSettings.parse(scheme?.dues ?? {}).accounts,
      timeZone: await findTimeZone(tx, schemeId),
    }
  })
  return (
    BYTE_ORDER_MARK +
    csvRow(COLUMNS) +
    lines
      .map((line) => csvRow(accountingColumns(line, accounts[line.account], dayIn(timeZone, line.writtenAt))))
      .join('')
  )
}

/** Returns the values of a line in the order of `COLUMNS`. @param writtenOn also the day of its paper, made together with the entry */
function accountingColumns(line: Line, accountNumber: string, writtenOn: string): (string | number)[] {
  const t = (key: string) => formatMessage('fr', `accounting.${key}`)
  const journal = journalOf(line)
  return [
    journal,
    t(`journal.${journal}`),
    line.no,
    compactDay(line.enteredOn),
    accountNumber,
    t(`account.${line.account}`),
    line.memberId === null ? '' : line.memberId.slice(-12).toUpperCase(),
    line.memberId === null ? '' : line.member,
    line.piece,
    compactDay(writtenOn),
    [t(`kind.${entryKindOf(line)}`), line.member, line.reference ?? '']
      .filter((part) => part !== '')
      .join(' '),
    decimalEuros(line.debitCents),
    decimalEuros(line.creditCents),
    line.lettered === null ? '' : letteringCode(line.lettered),
    line.letteredOn === null ? '' : compactDay(line.letteredOn),
    compactDay(writtenOn),
    '',
    '',
  ]
}

const compactDay = (day: string) => day.replaceAll('-', '')

/** True for a waiver, and for the cancellation of one. */
const isOfWaiver = ({ against, kind }: Line) =>
  against === 'income' && (kind === 'waiver' || kind === 'cancellation')

const journalOf = (line: Line) => (isOfWaiver(line) ? 'OD' : JOURNALS[line.against])

/** Returns the kind of an entry; for a cancellation, with what it cancels where the file names it. */
function entryKindOf(line: Line): LedgerKind | 'waiver_cancellation' | 'refund_cancellation' {
  if (line.kind !== 'cancellation') return line.kind
  if (isOfWaiver(line)) return 'waiver_cancellation'
  return line.ofRefund ? 'refund_cancellation' : line.kind
}
