import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { recordMemberAccess } from '../../members/accesses.ts'
import { memberScopeOf } from '../../members/actions.ts'
import { dayIn } from '../../message/clock.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { timeZoneSql } from '../../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { readAloneLine } from '../../settings/alone.ts'
import { receiptNumber } from '../rules.ts'
import { drawReceipt } from './receipt-pdf.ts'

export interface ReceiptId {
  readonly year: number
  readonly no: number
}

/** Returns a receipt as a PDF. @throws AppError `not_found`, also for a chamber of another trade */
export async function getReceipt(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: ReceiptId,
): Promise<Buffer> {
  const { trades } = memberScopeOf(authorize(actor, 'dues.read', schemeId))
  const { issued, alone } = await inScheme(deps.db, schemeId, async (tx) => {
    const found = await findReceipt(tx, schemeId, id, trades)
    if (found !== undefined)
      await recordMemberAccess(tx, actor, schemeId, {
        what: 'receipt',
        memberIds: [found.memberId],
        now: deps.now(),
      })
    return { issued: found, alone: await readAloneLine(tx, schemeId, 'fr') }
  })
  return drawIssuedReceipt(schemeId, id, { issued, alone })
}

type Issued = Awaited<ReturnType<typeof findReceipt>>

/** Finds the content of a receipt; only for members of the given trades, if any. */
export function findReceipt(tx: Tx, schemeId: string, { year, no }: ReceiptId, trades?: readonly string[]) {
  let query = tx
    .selectFrom('duesReceipts as r')
    .innerJoin('members as m', (join) =>
      join.onRef('m.schemeId', '=', 'r.schemeId').onRef('m.id', '=', 'r.memberId'),
    )
    .select(['r.facts', 'r.issuedAt', 'r.memberId', timeZoneSql(schemeId).as('timeZone')])
    .where('r.schemeId', '=', schemeId)
    .where('r.year', '=', year)
    .where('r.no', '=', no)
  if (trades !== undefined) query = query.where('m.trade', 'in', [...trades])
  return query.executeTakeFirst()
}

/** Draws a receipt. @throws AppError `not_found`, also after the retention period (ten years) */
export function drawIssuedReceipt(
  schemeId: string,
  { year, no }: ReceiptId,
  { issued, alone }: { readonly issued: Issued; readonly alone: string | undefined },
): Promise<Buffer> {
  if (issued === undefined || issued.facts.member === null) throw new AppError('not_found')
  const { facts, issuedAt, timeZone } = issued
  return drawReceipt(
    { ...facts, member: issued.facts.member },
    {
      number: receiptNumber(schemeId, year, no),
      day: dayIn(timeZone, issuedAt),
      at: issuedAt,
      alone,
    },
  )
}
