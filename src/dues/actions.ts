import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { recordMemberAccess } from '../members/accesses.ts'
import { memberScopeOf } from '../members/actions.ts'
import { dayOfParts } from '../message/clock.ts'
import { type Actor, authorize } from '../permissions.ts'
import { decodeCursor, encodeCursor, invalidCursor, UUID } from '../platform/database/cursor.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { DuesFigures, DuesPage, DuesQuery, MemberDues } from './contract.ts'
import { findBalance, findToday } from './ledger/ledger.ts'
import { listCreditNotes } from './papers/credit-notes.ts'
import { findBillable, listInvoices } from './papers/invoices.ts'
import { toCampaignView } from './reminders/campaign.ts'
import { duesStateOf, isFileAtBank, paymentReference, receiptNumber } from './rules.ts'
import {
  type DuesPosition,
  type DuesSums,
  findCampaign,
  findCollecting,
  findDuesSettings,
  findPayer,
  findRuleState,
  listCampaignYears,
  listDues,
  listDuesNotices,
  listLateYears,
  listMemberPayments,
  listMemberRefunds,
  listMemberYears,
  listWaivers,
  sumDues,
} from './store.ts'

/**
 * Lists what members owe for a year, one page at a time, with totals on the first page. A trade chamber sees its
 * trades.
 * @throws AppError `invalid_input` for an `after` that no page returned
 */
export async function listDuesPage(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  query: DuesQuery,
): Promise<DuesPage> {
  const only = memberScopeOf(authorize(actor, 'dues.read', schemeId))
  const after = query.after === undefined ? undefined : readDuesCursor(query.after)
  return inScheme(deps.db, schemeId, async (tx) => {
    const day = await findToday(tx, deps, schemeId)
    const years = await listCampaignYears(tx, schemeId)
    // The campaign of next year may be open already.
    const year = query.year ?? years.find((one) => one <= Number(day.slice(0, 4))) ?? years[0]
    const campaign = year === undefined ? undefined : await findCampaign(tx, schemeId, year)
    if (year === undefined || campaign === undefined) {
      return { years, campaign: null, figures: null, lateYears: [], members: [], next: null }
    }
    const suspends = (await findDuesSettings(tx, schemeId))?.rule === 'suspend'
    const rows = await listDues(tx, schemeId, year, query, {
      today: day,
      suspends,
      limit: query.limit + 1,
      after,
      only,
    })
    const shown = rows.slice(0, query.limit)
    const last = shown.at(-1)
    return {
      years,
      campaign: await toCampaignView(tx, deps, schemeId, campaign),
      figures:
        after === undefined
          ? toDuesFigures(await sumDues(tx, schemeId, year, { today: day, suspends, only }))
          : null,
      lateYears:
        after === undefined
          ? (await listLateYears(tx, schemeId, { today: day, only })).map(({ year, members }) => ({
              year,
              members,
            }))
          : [],
      members: shown.map(({ searchName: _, communeCode, communeName, ...row }) => ({
        ...row,
        commune: { code: communeCode, name: communeName },
        state: duesStateOf(row, day),
      })),
      next: rows.length > query.limit && last !== undefined ? duesCursorOf(last) : null,
    }
  })
}

const DUES_CURSOR = {
  id: UUID,
  key: /^(?:\d{4}-\d{2}-\d{2})?;/,
}

const duesCursorOf = ({ id, lateSince, searchName }: DuesPosition) =>
  encodeCursor({ id, key: `${lateSince ?? ''};${searchName}` })

function readDuesCursor(text: string): DuesPosition {
  const { id, key } = decodeCursor(text, 'after', DUES_CURSOR)
  const at = key.indexOf(';')
  const lateSince = at === 0 ? null : key.slice(0, at)
  const [year = 0, month = 0, day = 0] = lateSince?.split('-').map(Number) ?? []
  if (lateSince !== null && dayOfParts(year, month, day) === undefined) throw invalidCursor('after')
  return { id, lateSince, searchName: key.slice(at + 1) }
}

function toDuesFigures(sums: readonly DuesSums[]): DuesFigures {
  const figures = {
    calledCents: 0,
    settledCents: 0,
    remainingCents: 0,
    members: { exempt: 0, paid: 0, due: 0, late: 0, suspended: 0, unnotified: 0 },
  }
  for (const { state, members, calledCents, remainingCents, suspended, unnotified } of sums) {
    figures.calledCents += calledCents
    figures.remainingCents += remainingCents
    figures.settledCents += calledCents - remainingCents
    figures.members[state] += members
    figures.members.suspended += suspended
    figures.members.unnotified += unnotified
  }
  return figures
}

/** Returns the account of a member. @throws AppError `not_found`, also for a chamber of another trade */
export async function getMemberDues(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  memberId: string,
): Promise<MemberDues> {
  const { trades } = memberScopeOf(authorize(actor, 'dues.read', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => {
    const member = await findPayer(tx, schemeId, memberId)
    if (member === undefined || trades?.includes(member.trade) === false) throw new AppError('not_found')
    await recordMemberAccess(tx, actor, schemeId, { what: 'dues', memberIds: [memberId], now: deps.now() })
    const suspends = (await findDuesSettings(tx, schemeId))?.rule === 'suspend'
    const collecting = await findCollecting(tx, schemeId, memberId)
    const { suspendedAt, unnotified } = await findRuleState(tx, schemeId, memberId, {
      suspends,
      today: await findToday(tx, deps, schemeId),
    })
    return {
      ...(await buildAccountView(tx, deps, schemeId, memberId, await listMergedInto(tx, schemeId, memberId))),
      waivers: await listWaivers(tx, schemeId, memberId),
      suspendedAt: suspendedAt?.toISOString() ?? null,
      unnotified,
      reference: paymentReference(schemeId, memberId),
      collecting:
        collecting === undefined
          ? null
          : {
              amountCents: collecting.amountCents,
              on: collecting.on,
              debit: collecting.id,
              file: { id: collecting.fileId, no: collecting.no },
              gone: isFileAtBank(
                { handedAt: collecting.handedAt, collectOn: collecting.on },
                await findToday(tx, deps, schemeId),
              ),
              revokedAt: collecting.revokedAt?.toISOString() ?? null,
            },
      notices: (await listDuesNotices(tx, schemeId, memberId, await findToday(tx, deps, schemeId))).map(
        ({ at, ...one }) => ({
          ...one,
          at: at.toISOString(),
        }),
      ),
    }
  })
}

/**
 * Builds the account as the chamber and the member itself see it.
 * @param merged for the chamber: the members merged into it, whose credit notes are listed too. Without it, as the member may not
 * read waivers, nothing is said to be left to invoice
 */
export async function buildAccountView(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  memberId: string,
  merged?: readonly string[],
): Promise<Pick<MemberDues, 'balanceCents' | 'years' | 'payments' | 'refunds' | 'creditNotes'>> {
  const day = await findToday(tx, deps, schemeId)
  const payments = await listMemberPayments(tx, schemeId, memberId)
  const invoices = await listInvoices(tx, schemeId, memberId)
  const years: MemberDues['years'] = []
  for (const row of await listMemberYears(tx, schemeId, [memberId])) {
    const { names = [], openCents = 0 } = invoices.get(row.year) ?? {}
    const billable = names.length === 0 || merged === undefined ? 0 : await findBillable(tx, schemeId, row)
    years.push({
      ...row,
      state: duesStateOf(row, day),
      invoice: names.at(-1) ?? null,
      earlierInvoices: names.slice(0, -1),
      uninvoicedCents: Math.max(0, billable - openCents),
    })
  }
  return {
    balanceCents: await findBalance(tx, schemeId, memberId),
    years,
    payments: payments.map((row) => addPaperNames(schemeId, row)),
    refunds: (await listMemberRefunds(tx, schemeId, memberId)).map((row) => addPaperNames(schemeId, row)),
    creditNotes: await listCreditNotes(tx, schemeId, [memberId, ...(merged ?? [])]),
  }
}

async function listMergedInto(tx: Tx, schemeId: string, memberId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('members')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('mergedInto', '=', memberId)
    .execute()
  return rows.map(({ id }) => id)
}

/** Adds the numbers of its papers to a payment or refund. */
function addPaperNames<
  Row extends {
    readonly year: number
    readonly no: number
    readonly cancelYear: number | null
    readonly cancelNo: number | null
    readonly cancelledAt: Date | null
    readonly cancelReason: string | null
  },
>(schemeId: string, { cancelledAt, cancelReason, year, no, cancelYear, cancelNo, ...row }: Row) {
  const nameOf = (of: number, number: number) => ({
    year: of,
    no: number,
    number: receiptNumber(schemeId, of, number),
  })
  return {
    ...row,
    receipt: nameOf(year, no),
    cancelled:
      cancelledAt === null || cancelYear === null || cancelNo === null
        ? null
        : {
            at: cancelledAt.toISOString(),
            reason: cancelReason ?? '',
            receipt: nameOf(cancelYear, cancelNo),
          },
  }
}
