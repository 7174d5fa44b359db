import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { formatMessage } from '../../i18n/format.ts'
import { memberScopeOf } from '../../members/actions.ts'
import { UNDO_HOURS } from '../../members/contract.ts'
import { type MemberScope, memberFilters, memberFilterTables } from '../../members/filters.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { inEuros } from '../../message/money.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findBalances, findToday, lockDues } from '../ledger/ledger.ts'
import { dayProblems, type MoneyDeps, reversePayment, writePayments } from '../ledger/payments.ts'
import { reactivateSettledMembers, suspendUnpaidMembers } from '../reminders/suspensions.ts'
import { chequeKey, noonOf, paymentReference } from '../rules.ts'
import { listCollecting, listPayers, type PaidMember, sumRefunded } from '../store.ts'
import {
  type BulkPayments,
  MAX_PAYMENTS,
  type Payer,
  type PayersQuery,
  type PaymentBatch,
} from './contract.ts'

const LISTED = 10
const FOUND = 8

/**
 * Finds the payer of a typed or scanned reference, or members by name; or returns the given members. A trade chamber finds its own
 * members only.
 */
export async function findPayers(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  { q = '', ids = '' }: PayersQuery,
): Promise<Payer[]> {
  const only = memberScopeOf(authorize(actor, 'dues.read', schemeId))
  const given = ids.split(',').filter((id) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
  return inScheme(deps.db, schemeId, async (tx) => {
    if (given.length > 0) return readPayers(tx, schemeId, given.slice(0, MAX_PAYMENTS), only)
    if (q === '') return []
    const end = referenceEnd(schemeId, q)
    if (end !== undefined) {
      // A merged member's reference is still on its paper: the kept one is credited.
      const { rows } = await sql<{ id: string }>`
        select distinct coalesce(m.merged_into, m.id) as id from members m
        where m.scheme_id = ${schemeId} and right(m.id::text, 8) = ${end} and m.erased_at is null limit ${FOUND}`.execute(
        tx,
      )
      if (rows.length > 0)
        return readPayers(
          tx,
          schemeId,
          rows.map(({ id }) => id),
          only,
        )
    }
    const { rows } = await sql<{ id: string }>`
      select m.id from ${memberFilterTables({ q })} where ${memberFilters(schemeId, { q }, only)} and m.status <> 'pending'
      order by m.search_name, m.id limit ${FOUND}`.execute(tx)
    return readPayers(
      tx,
      schemeId,
      rows.map(({ id }) => id),
      only,
    )
  })
}

/** Returns the end of a member's id from a reference, however it is written, with or without the code of the scheme. */
function referenceEnd(schemeId: string, q: string): string | undefined {
  const compact = q.toUpperCase().replace(/[^A-Z0-9]/g, '')
  const code = schemeId.toUpperCase().replace(/[^A-Z0-9]/g, '')
  const bare = (compact.startsWith(code) ? compact.slice(code.length) : compact).replaceAll('O', '0')
  return /^[0-9A-F]{8}$/.test(bare) ? bare.toLowerCase() : undefined
}

async function readPayers(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
  { trades }: MemberScope,
): Promise<Payer[]> {
  const members = new Map((await listPayers(tx, schemeId, ids)).map((member) => [member.id, member]))
  const balances = await findBalances(tx, schemeId, ids)
  return ids.flatMap((id) => {
    const member = members.get(id)
    if (member === undefined || trades?.includes(member.trade) === false) return []
    const { name, communeName: commune } = member
    return [
      { id, name, commune, reference: paymentReference(schemeId, id), owedCents: balances.get(id) ?? 0 },
    ]
  })
}

/**
 * Records payments that arrived together, with their receipts, in one transaction: all of them or none. The same request with
 * the same id again changes nothing.
 * @throws AppError `id_taken`; `invalid_input` with every problem of every row, at `payments.N.field`
 */
export async function recordPayments(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  input: BulkPayments,
): Promise<PaymentBatch> {
  authorize(actor, 'dues.manage', schemeId)
  const by = actorName(actor)
  const { id: batchId, way, receivedOn, payments } = input
  return inScheme(deps.db, schemeId, async (tx) => {
    const repeated = await findRepeated(tx, schemeId, {
      id: batchId,
      creator: by,
      find: async (id) => {
        const [stored] = await listBatches(tx, deps, schemeId, id)
        return stored && { stored, contents: await readContents(tx, schemeId, id) }
      },
      isSame: ({ contents }) => contents === contentsOf(input),
      creatorOf: ({ stored }) => stored.recordedBy,
    })
    if (repeated !== undefined) return toBatchView(repeated.stored)
    await lockDues(tx, schemeId)
    const ids = payments.map(({ member }) => member)
    const members = new Map((await listPayers(tx, schemeId, ids)).map((member) => [member.id, member]))
    await requireRecordable(tx, deps, schemeId, input, members)
    const at = deps.now()
    // Payments and the suspensions that they end have one instant, by which an undo finds these.
    const atOnce = { ...deps, now: () => at }
    await tx
      .insertInto('duesPaymentBatches')
      .values({ schemeId, id: batchId, recordedAt: at, recordedBy: by })
      .execute()
    const paid = await writePayments(
      tx,
      atOnce,
      schemeId,
      by,
      payments.map(({ member: id, amountCents, reference }) => {
        const member = members.get(id)!
        return { member, way, amountCents, receivedOn, reference, outsideId: null, batchId }
      }),
    )
    if (way === 'cheque') {
      const cheques = payments.map(({ bank, drawer }, i) => ({ id: paid[i]!.id, bank, drawer }))
      await sql`insert into dues_cheques (scheme_id, payment_id, bank, drawer)
        select ${schemeId}, id, bank, drawer from jsonb_to_recordset(${JSON.stringify(cheques)}::jsonb)
          as c (id uuid, bank text, drawer text)`.execute(tx)
    }
    await reactivateSettledMembers(tx, atOnce, schemeId, ids)
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'dues.payments',
      subject: `payments:${batchId}`,
      details: {
        ...{ way, receivedOn, payments: payments.length },
        amountCents: payments.reduce((sum, { amountCents }) => sum + amountCents, 0),
      },
    })
    return toBatchView((await listBatches(tx, deps, schemeId, batchId))[0]!)
  })
}

/** Returns what a request records, as text to compare; confirmations are not stored. */
function contentsOf({ way, receivedOn, payments }: Omit<BulkPayments, 'id'>): string {
  return JSON.stringify(
    payments.map(({ member, amountCents, reference, bank, drawer }) => [
      ...[way, receivedOn, member.toLowerCase(), amountCents, reference],
      ...(way === 'cheque' ? [bank, drawer] : []),
    ]),
  )
}

/** Returns the contents of a stored batch, as `contentsOf` does. */
async function readContents(tx: Tx, schemeId: string, batchId: string): Promise<string> {
  const { rows } = await sql<BulkPayments['payments'][number] & Pick<BulkPayments, 'way' | 'receivedOn'>>`
    select p.way, p.received_on, p.member_id as member, p.amount_cents, p.reference, coalesce(c.bank, '') as bank,
      coalesce(c.drawer, '') as drawer
    from dues_payments p left join dues_cheques c on c.scheme_id = p.scheme_id and c.payment_id = p.id
    where p.scheme_id = ${schemeId} and p.batch_id = ${batchId}::uuid order by p.entry_no`.execute(tx)
  const [first] = rows
  return first === undefined ? '' : contentsOf({ ...first, payments: rows })
}

/** @throws AppError `invalid_input` with every problem of every row */
async function requireRecordable(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  { way, receivedOn, payments }: BulkPayments,
  members: ReadonlyMap<string, PaidMember>,
): Promise<void> {
  const ids = [...members.keys()]
  const owed = await findBalances(tx, schemeId, ids)
  const collecting = await listCollecting(tx, schemeId, ids)
  const recorded =
    way === 'cheque'
      ? await findCheques(
          tx,
          schemeId,
          payments.map(({ reference }) => reference),
        )
      : []
  const findChequeProblem = chequeChecker(recorded)
  const problems: Problem[] = dayProblems(await findToday(tx, deps, schemeId), 'receivedOn', receivedOn)
  for (const [i, payment] of payments.entries()) {
    const { member, amountCents, confirms } = payment
    const path = (field: string) => `payments.${i}.${field}`
    if (!members.has(member)) {
      problems.push({ code: 'dues.unknown_member', path: path('member') })
      continue
    }
    const left = Math.max(0, owed.get(member) ?? 0)
    owed.set(member, left - amountCents)
    if (amountCents > left && !confirms.includes('advance'))
      problems.push({
        code: 'dues.more_than_due',
        path: path('amountCents'),
        values: { owed: inEuros(left) },
      })
    if (collecting.has(member) && !confirms.includes('debit'))
      problems.push({ code: 'dues.debit_under_way', path: path('member') })
    const problem = way === 'cheque' ? findChequeProblem(payment) : undefined
    if (problem !== undefined) problems.push({ ...problem, path: path('reference') })
  }
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
}

/**
 * Creates a check of the numbers of cheques, called once for each payment: a number is missing, was typed in an earlier row, or is
 * that of a cheque recorded before.
 */
function chequeChecker(
  recorded: Awaited<ReturnType<typeof findCheques>>,
): (payment: BulkPayments['payments'][number]) => Omit<Problem, 'path'> | undefined {
  const typed = new Set<string>()
  return ({ reference, confirms }) => {
    const key = chequeKey(reference)
    if (key === undefined) return { code: 'dues.cheque_number' }
    const isTyped = typed.has(key)
    typed.add(key)
    if (confirms.includes('same_cheque')) return undefined
    if (isTyped) return { code: 'dues.cheque_twice' }
    const same = recorded.find((cheque) => chequeKey(cheque.reference) === key)
    if (same === undefined) return undefined
    return {
      code: 'dues.same_cheque',
      values: { name: same.name, amount: inEuros(same.amountCents), day: noonOf(same.receivedOn) },
    }
  }
}

/** Finds valid payments by cheques whose numbers may be those of the given references (`findCheque`, of many). */
async function findCheques(tx: Tx, schemeId: string, references: readonly string[]) {
  const digits = references.map((reference) => reference.replace(/[^0-9]/g, '').replace(/^0+/, ''))
  const { rows } = await sql<{ name: string; amountCents: number; receivedOn: string; reference: string }>`
    select m.name, p.amount_cents, p.received_on, p.reference from dues_payments p
    join members m on m.scheme_id = p.scheme_id and m.id = p.member_id
    where p.scheme_id = ${schemeId} and p.way = 'cheque' and p.cancelled_at is null
      and ltrim(regexp_replace(p.reference, '[^0-9]', '', 'g'), '0') = any (${digits}::text[])
    order by p.recorded_at desc`.execute(tx)
  return rows
}

interface BatchRow extends PaymentBatch {
  readonly recordedBy: string
}

function toBatchView({ recordedBy: _, ...batch }: BatchRow): PaymentBatch {
  return batch
}

/** Lists the latest payments that were recorded together. */
export async function listPaymentBatches(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
): Promise<PaymentBatch[]> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => (await listBatches(tx, deps, schemeId)).map(toBatchView))
}

async function listBatches(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  id?: string,
): Promise<BatchRow[]> {
  const { rows } = await sql<{
    id: string
    recordedAt: Date
    recordedBy: string
    undoneAt: Date | null
    list: string | null
    way: PaymentBatch['way']
    count: number
    valid: number
    amountCents: number
  }>`
    select b.id, b.recorded_at, b.recorded_by, b.undone_at, b.list, min(p.way) as way, count(*)::int as count,
      (count(*) filter (where p.cancelled_at is null))::int as valid, sum(p.amount_cents)::int as amount_cents
    from (select * from dues_payment_batches where scheme_id = ${schemeId} ${id === undefined ? sql`` : sql`and id = ${id}::uuid`}
      order by recorded_at desc, id limit ${LISTED}) b
    join dues_payments p on p.scheme_id = b.scheme_id and p.batch_id = b.id
    group by b.id, b.recorded_at, b.recorded_by, b.undone_at, b.list order by b.recorded_at desc, b.id`.execute(
    tx,
  )
  return rows.map(({ recordedAt, undoneAt, ...row }) => {
    const until = new Date(recordedAt.getTime() + UNDO_HOURS * HOUR_MS)
    const isUndoable = undoneAt === null && row.valid > 0 && until > now()
    return {
      ...row,
      recordedAt: recordedAt.toISOString(),
      undone: undoneAt !== null,
      undoableUntil: isUndoable ? until.toISOString() : null,
    }
  })
}

/**
 * Cancels the payments of a batch, within 24 hours. Those that were cancelled one by one, or of which a part was refunded, stay
 * as they are. Members that these payments reactivated are suspended again if they owe an overdue amount.
 * @throws AppError `not_found`; `wrong_state` if it was undone or it is too late; `import_running` while the list that brings them
 * is being imported; `cheques_deposited` while cheques of it are on a slip
 */
export async function undoPayments(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  batchId: string,
): Promise<PaymentBatch> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const batch = (await listBatches(tx, deps, schemeId, batchId))[0]
    if (batch === undefined) throw new AppError('not_found')
    if (batch.undoableUntil === null) throw new AppError('wrong_state')
    // The next part of the import would add payments to a batch that is undone.
    if (await isBeingImported(tx, schemeId, batchId)) throw new AppError('import_running')
    const { rows } = await sql<{ id: string; memberId: string; slip: string | null }>`
      select p.id, p.member_id, d.year || '-' || lpad(d.no::text, 3, '0') as slip from dues_payments p
      left join dues_cheques c on c.scheme_id = p.scheme_id and c.payment_id = p.id
      left join dues_deposits d on d.scheme_id = c.scheme_id and d.id = c.deposit_id
      where p.scheme_id = ${schemeId} and p.batch_id = ${batchId}::uuid and p.cancelled_at is null order by p.entry_no`.execute(
      tx,
    )
    const slip = rows.find((row) => row.slip !== null)?.slip
    if (slip != null) throw new AppError('cheques_deposited', { values: { number: slip } })
    const by = actorName(actor)
    const reason = formatMessage('fr', 'payments.undone')
    const undone: string[] = []
    for (const { id: payment, memberId: member } of rows) {
      if ((await sumRefunded(tx, schemeId, payment)) > 0) continue
      await reversePayment(tx, deps, schemeId, { by, reason }, { member, payment })
      undone.push(payment)
    }
    await suspendUnpaidMembers(tx, deps, schemeId, undone)
    await tx
      .updateTable('duesPaymentBatches')
      .set({ undoneAt: deps.now(), undoneBy: by })
      .where('schemeId', '=', schemeId)
      .where('id', '=', batchId)
      .execute()
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.payments_undo',
      subject: `payments:${batchId}`,
      details: { payments: undone.length },
    })
    return toBatchView((await listBatches(tx, deps, schemeId, batchId))[0]!)
  })
}

/** Tells whether an import still brings payments of a batch: its change, which has the same id, is unfinished. */
async function isBeingImported(tx: Tx, schemeId: string, batchId: string): Promise<boolean> {
  const change = await tx
    .selectFrom('memberChanges')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('id', '=', batchId)
    .where('unfinished', '=', true)
    .executeTakeFirst()
  return change !== undefined
}
