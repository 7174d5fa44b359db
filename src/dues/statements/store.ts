import { type RawBuilder, sql } from 'kysely'
import { markJsonForSealing, readSealedJson } from '../../cipher/marked.ts'
import type { Tx } from '../../platform/db.ts'
import { remainingByYear } from '../rules.ts'
import type { StatementLine } from './entry.ts'
import type { PayerFacts } from './match.ts'

/** Days before a line within which a recorded payment may be the same money; the rule of `match.ts` is narrower. */
const PAID_DAYS = 60

/**
 * Loads what the lines of a statement are matched with: all members that may owe dues, with what they owe. Each table is read once
 * and joined here: in one statement, the planner read the sums anew for each member wherever it had no statistics.
 */
export async function loadPayers(tx: Tx, schemeId: string, since: string): Promise<PayerFacts[]> {
  const { rows: members } = await sql<{ id: string; name: string; communeCode: string }>`
    select id, name, commune_code from members
    where scheme_id = ${schemeId} and merged_into is null and erased_at is null and status <> 'pending'`.execute(
    tx,
  )
  const { rows: communes } = await sql<{ code: string; name: string }>`
    select code, name from communes
    where code = any (${[...new Set(members.map(({ communeCode }) => communeCode))]}::text[])`.execute(tx)
  const communeNames = new Map(communes.map(({ code, name }) => [code, name]))
  const people = await listByMember<{ person: string }>(
    tx,
    sql`select distinct member_id, person from contacts where scheme_id = ${schemeId} and person <> ''`,
  )
  const former = await listByMember<{ id: string }>(
    tx,
    sql`select merged_into as member_id, id from members where scheme_id = ${schemeId} and merged_into is not null`,
  )
  const debits = await listByMember(
    tx,
    sql`select member_id from dues_debits where scheme_id = ${schemeId} and state = 'pending'`,
  )
  const paid = await listByMember<{ cents: number; on: string }>(
    tx,
    sql`select member_id, amount_cents as cents, received_on as "on" from dues_payments
      where scheme_id = ${schemeId} and cancelled_at is null and received_on >= ${since}::date - ${PAID_DAYS}::int`,
  )
  const dues = await listByMember<{ cents: number }>(
    tx,
    sql`select member_id, amount_cents - waived_cents as cents from dues where scheme_id = ${schemeId} order by year`,
  )
  const balances = await listByMember<{ cents: number }>(
    tx,
    sql`select member_id, sum(debit_cents - credit_cents)::int as cents from ledger_lines
      where scheme_id = ${schemeId} and member_id is not null group by member_id`,
  )
  return members.map(({ id, name, communeCode }) => {
    const owedCents = balances.get(id)?.[0]?.cents ?? 0
    const years = (dues.get(id) ?? []).map(({ cents }) => cents)
    let sum = 0
    return {
      ...{ id, name, owedCents },
      commune: communeNames.get(communeCode) ?? '',
      people: (people.get(id) ?? []).map(({ person }) => person),
      formerIds: (former.get(id) ?? []).map((one) => one.id),
      hasDebit: debits.has(id),
      settling: remainingByYear(years, owedCents)
        .filter((cents) => cents > 0)
        .map((cents) => (sum += cents)),
      paid: paid.get(id) ?? [],
    }
  })
}

async function listByMember<T>(
  tx: Tx,
  select: RawBuilder<unknown>,
): Promise<Map<string, (T & { readonly memberId: string })[]>> {
  const { rows } = await sql<T & { memberId: string }>`${select}`.execute(tx)
  return Map.groupBy(rows, ({ memberId }) => memberId)
}

export interface StoredEntry {
  readonly id: string
  readonly line: number
  readonly bookedOn: string
  readonly amountCents: number
  readonly state: 'open' | 'returned' | 'applied' | 'set_aside'
  /** Returned transfers only: whether its money came in or went out. */
  readonly returned: 'credit' | 'debit' | null
  readonly name: string
  readonly text: string
  readonly isBatch: boolean
  readonly decidedAt: Date | null
  /** Shares only: the movement of the file that was split. */
  readonly splitOf: string | null
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
    .select(['e.returned', 'e.details', 'e.decidedAt', 'e.splitOf'])
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
    // Shares of one movement stay together, in the order of their receipts.
    .orderBy(sql`coalesce(e.split_of, e.id)`)
    .orderBy('r.no')
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

/** Lists which of these digests are of stored lines. */
export async function listKnown(
  tx: Tx,
  schemeId: string,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ digest: string }>`
    select digest from dues_statement_entries
    where scheme_id = ${schemeId} and digest = any (${digests}::text[])`.execute(tx)
  return new Set(rows.map(({ digest }) => digest))
}

/** Finds the latest statement with a line of one of these digests. A line is kept by the first file that has it. */
export async function findLatestStatement(
  tx: Tx,
  schemeId: string,
  digests: readonly string[],
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from dues_statements s
    where scheme_id = ${schemeId} and exists (
      select from dues_statement_entries e
      where e.scheme_id = ${schemeId} and e.statement_id = s.id and e.digest = any (${digests}::text[]))
    order by uploaded_at desc, id desc
    limit 1`.execute(tx)
  return rows[0]?.id
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
    markJsonForSealing(schemeId, 'statement', { name, text, isBatch }),
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

/** Marks which lines of a statement are unrelated to dues. */
export async function markUnrelated(
  tx: Tx,
  schemeId: string,
  statementId: string,
  ids: readonly string[],
): Promise<void> {
  await sql`
    update dues_statement_entries e set unrelated = not e.unrelated
    from dues_statement_entries o left join unnest(${[...ids]}::uuid[]) as u (id) on u.id = o.id
    where o.scheme_id = ${schemeId} and o.statement_id = ${statementId}::uuid and o.unrelated <> (u.id is not null)
      and e.scheme_id = o.scheme_id and e.id = o.id`.execute(tx)
}

/**
 * Parts a movement into shares: it keeps the first amount, and each other one is a movement beside it, with its own digest, so that
 * the file read again has nothing new.
 * @returns the ids of the shares, in the order of the amounts
 */
export async function splitEntry(
  tx: Tx,
  schemeId: string,
  id: string,
  amounts: readonly number[],
  newId: () => string,
): Promise<string[]> {
  const [first, ...rest] = amounts
  const others = rest.map((cents) => ({ id: newId(), cents }))
  await sql`
    insert into dues_statement_entries (scheme_id, id, statement_id, line, digest, booked_on, amount_cents, state, returned, details,
      split_of)
    select e.scheme_id, s.id, e.statement_id, e.line, encode(sha256(convert_to(e.digest || '/' || s.no, 'UTF8')), 'hex'), e.booked_on,
      s.cents, e.state, e.returned, e.details, e.id
    from dues_statement_entries e,
      rows from (jsonb_to_recordset(${JSON.stringify(others)}::jsonb) as (id uuid, cents integer)) with ordinality as s (id, cents, no)
    where e.scheme_id = ${schemeId} and e.id = ${id}::uuid`.execute(tx)
  await tx
    .updateTable('duesStatementEntries')
    .set({ amountCents: first! })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
  return [id, ...others.map((one) => one.id)]
}

/** Makes one movement again of each that was split. */
export async function joinShares(tx: Tx, schemeId: string, ids: readonly string[]): Promise<void> {
  await sql`
    with shares as (
      delete from dues_statement_entries where scheme_id = ${schemeId} and split_of = any (${[...ids]}::uuid[])
      returning split_of, amount_cents
    )
    update dues_statement_entries e set amount_cents = e.amount_cents + s.cents
    from (select split_of, sum(amount_cents)::int as cents from shares group by split_of) s
    where e.scheme_id = ${schemeId} and e.id = s.split_of`.execute(tx)
}
