import { sql } from 'kysely'
import { readSealedJson, sealedJson } from '../../cipher/marked.ts'
import type { Tx } from '../../platform/db.ts'
import { remainingDues } from '../store.ts'
import type { StatementLine } from './entry.ts'
import type { PayerFacts } from './match.ts'

/** How long before a line a recorded payment may be the same money; the rule of `match.ts` is narrower. */
const PAID_DAYS = 60

interface PayerRow {
  readonly id: string
  readonly name: string
  readonly commune: string
  readonly people: string[]
  readonly formerIds: string[]
  readonly owedCents: number
  readonly remaining: number[]
  readonly hasDebit: boolean
  readonly paid: { readonly cents: number; readonly on: string }[]
}

/** Loads what the lines of a statement are matched with: all members that may owe dues, with what they owe. */
export async function loadPayers(tx: Tx, schemeId: string, since: string): Promise<PayerFacts[]> {
  const { rows } = await sql<PayerRow>`
    select m.id, m.name, k.name as commune, coalesce(b.cents, 0)::int as owed_cents,
      coalesce((select array_agg(distinct c.person) from contacts c
        where c.scheme_id = m.scheme_id and c.member_id = m.id and c.person <> ''), '{}') as people,
      coalesce((select array_agg(f.id) from members f
        where f.scheme_id = m.scheme_id and f.merged_into = m.id), '{}') as former_ids,
      coalesce(y.remaining, '{}') as remaining,
      exists (select from dues_debits d
        where d.scheme_id = m.scheme_id and d.member_id = m.id and d.state = 'pending') as has_debit,
      coalesce(p.paid, '[]') as paid
    from members m
    join communes k on k.code = m.commune_code
    left join (
      select member_id, sum(debit_cents - credit_cents) as cents from ledger_lines
      where scheme_id = ${schemeId} and member_id is not null group by member_id) b on b.member_id = m.id
    left join (
      select r.member_id, array_agg(r.remaining_cents order by r.year) as remaining
      from (${remainingDues(schemeId)}) r where r.remaining_cents > 0 group by r.member_id) y on y.member_id = m.id
    left join (
      select member_id, jsonb_agg(jsonb_build_object('cents', amount_cents, 'on', received_on)) as paid
      from dues_payments
      where scheme_id = ${schemeId} and cancelled_at is null and received_on >= ${since}::date - ${PAID_DAYS}::int
      group by member_id) p on p.member_id = m.id
    where m.scheme_id = ${schemeId} and m.merged_into is null and m.erased_at is null and m.status <> 'pending'`.execute(
    tx,
  )
  return rows.map(({ remaining, ...row }) => {
    let sum = 0
    const settling = remaining.map((cents) => {
      sum += cents
      return sum
    })
    return { ...row, settling }
  })
}

export interface StoredEntry {
  readonly id: string
  readonly line: number
  readonly bookedOn: string
  readonly amountCents: number
  readonly state: 'open' | 'returned' | 'applied' | 'set_aside'
  /** Of a returned transfer: whether its money came in or went out. */
  readonly returned: 'credit' | 'debit' | null
  readonly name: string
  readonly text: string
  readonly isBatch: boolean
  readonly decidedAt: Date | null
  readonly payment: {
    readonly id: string
    readonly member: { readonly id: string; readonly name: string }
    readonly year: number
    readonly no: number
    readonly cancelled: boolean
  } | null
}

/** Lists the lines of a statement in the order of the file. */
export async function listEntries(tx: Tx, schemeId: string, statementId: string): Promise<StoredEntry[]> {
  const rows = await tx
    .selectFrom('duesStatementEntries as e')
    .leftJoin('duesPayments as p', (join) =>
      join.onRef('p.schemeId', '=', 'e.schemeId').onRef('p.id', '=', 'e.paymentId'),
    )
    .leftJoin('duesReceipts as r', (join) =>
      join
        .onRef('r.schemeId', '=', 'p.schemeId')
        .onRef('r.paymentId', '=', 'p.id')
        .on('r.cancels', '=', false),
    )
    .leftJoin('members as m', (join) =>
      join.onRef('m.schemeId', '=', 'p.schemeId').onRef('m.id', '=', 'p.memberId'),
    )
    .select(['e.id', 'e.line', 'e.bookedOn', 'e.amountCents', 'e.state'])
    .select(['e.returned', 'e.details', 'e.decidedAt'])
    .select([
      'p.id as paymentId',
      'p.cancelledAt',
      'r.year',
      'r.no',
      'm.id as memberId',
      'm.name as memberName',
    ])
    .where('e.schemeId', '=', schemeId)
    .where('e.statementId', '=', statementId)
    .orderBy('e.line')
    .orderBy('e.id')
    .execute()
  return rows.map(({ details, paymentId, cancelledAt, year, no, memberId, memberName, ...row }) => {
    const {
      name,
      text,
      isBatch = false,
    } = details === null ? { name: '', text: '' } : readSealedJson(details)
    const isPaid =
      paymentId !== null && memberId !== null && memberName !== null && year !== null && no !== null
    return {
      ...row,
      ...{ name, text, isBatch },
      payment: isPaid
        ? {
            id: paymentId,
            member: { id: memberId, name: memberName },
            year,
            no,
            cancelled: cancelledAt !== null,
          }
        : null,
    }
  })
}

/** Finds which digests are stored, with their statements. */
export async function findKnown(
  tx: Tx,
  schemeId: string,
  digests: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ digest: string; statementId: string }>`
    select digest, statement_id from dues_statement_entries
    where scheme_id = ${schemeId} and digest = any (${digests}::text[])`.execute(tx)
  return new Map(rows.map(({ digest, statementId }) => [digest, statementId]))
}

/** Inserts lines in one statement. */
export async function insertEntries(
  tx: Tx,
  schemeId: string,
  statementId: string,
  lines: readonly (StatementLine & { readonly id: string; readonly digest: string })[],
): Promise<void> {
  const rows = lines.map(({ id, line, digest, bookedOn, amountCents, returned }) => ({
    ...{ id, line, digest, bookedOn, amountCents, returned },
    state: returned === null ? 'open' : 'returned',
  }))
  const details = lines.map(({ name, text, isBatch }) =>
    sealedJson(schemeId, 'statement', { name, text, isBatch }),
  )
  await sql`
    insert into dues_statement_entries (scheme_id, id, statement_id, line, digest, booked_on, amount_cents, state, returned,
      details)
    select ${schemeId}, e.id, ${statementId}::uuid, e.line, e.digest, e."bookedOn", e."amountCents", e.state, e.returned, e.details
    from rows from (
      jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as (id uuid, line integer, digest text, "bookedOn" date,
        "amountCents" integer, state text, returned text),
      unnest(${details}::jsonb[])
    ) as e (id, line, digest, "bookedOn", "amountCents", state, returned, details)`.execute(tx)
}

/** Records what lines became: payments, `set_aside`, or undecided again (`open`; `returned` for a returned transfer). */
export async function updateEntries(
  tx: Tx,
  schemeId: string,
  entries: readonly { readonly id: string; readonly paymentId: string | null }[],
  set: {
    readonly state: 'open' | 'applied' | 'set_aside'
    readonly decidedAt: Date | null
    readonly decidedBy: string | null
  },
): Promise<void> {
  await sql`
    update dues_statement_entries e set payment_id = p."paymentId", decided_at = ${set.decidedAt},
      decided_by = ${set.decidedBy},
      state = case when ${set.state} = 'open' and e.returned is not null then 'returned' else ${set.state} end
    from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as p (id uuid, "paymentId" uuid)
    where e.scheme_id = ${schemeId} and e.id = p.id`.execute(tx)
}
