import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { openCampaign } from '../../members/dues/campaign.ts'
import { lockDues } from '../../members/dues/ledger.ts'
import { writePayments } from '../../members/dues/payments.ts'
import { addDays, dayOf } from '../../members/dues/rules.ts'
import { listPayers } from '../../members/dues/store.ts'
import type { Actor } from '../../permissions.ts'
import { asOwner, inScheme } from '../../platform/db.ts'

const BY: Actor = { kind: 'system', name: 'demo' }
const FEE_CENTS = 1000
/** The campaign was due so long ago. */
const DUE_DAYS = 40
/** Of ten members, how many paid, by which way. */
const paid = [
  'transfer',
  'cheque',
  'transfer',
  'cheque',
  'transfer',
  'cheque',
  'transfer',
  'transfer',
] as const

/** A campaign of a demo scheme, due some weeks ago: most members paid, some are late. */
export async function seedDemoDues(deps: Deps, schemeId: string): Promise<void> {
  const today = dayOf(deps.now())
  const dueOn = addDays(today, -DUE_DAYS)
  const year = Number(dueOn.slice(0, 4))
  await openCampaign(deps, BY, schemeId, { year, feeCents: FEE_CENTS, tradeFees: {}, proRata: false, dueOn })
  // Everybody joins on the day that the demo begins: the fee was due before it for all that.
  await asOwner(deps.db, (tx) =>
    sql`update dues set due_on = ${dueOn} where scheme_id = ${schemeId} and year = ${year}`.execute(tx),
  )
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const owing = await tx
      .selectFrom('dues')
      .select('memberId')
      .where('schemeId', '=', schemeId)
      .where('year', '=', year)
      .orderBy('memberId')
      .execute()
    const payers = await listPayers(
      tx,
      schemeId,
      owing.map(({ memberId }) => memberId),
    )
    const byName = payers.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    await writePayments(
      tx,
      deps,
      schemeId,
      'system:demo',
      byName.flatMap((member, i) => {
        const way = paid[i % 10]
        if (way === undefined) return []
        return {
          member,
          way,
          amountCents: FEE_CENTS,
          receivedOn: addDays(dueOn, -((i * 7) % 45)),
          reference: way === 'cheque' ? String(4_410_000 + i * 37) : '',
          outsideId: null,
        }
      }),
    )
  })
}
