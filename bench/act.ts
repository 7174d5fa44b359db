import { sql } from 'kysely'
import { previewAudience } from '../src/alerts/audience/preview.ts'
import { createAlert } from '../src/alerts/compose/draft.ts'
import { getGuardFacts } from '../src/alerts/compose/guard-facts.ts'
import { broadcastAlert } from '../src/alerts/order/broadcast.ts'
import type { Deps } from '../src/deps.ts'
import { createReport } from '../src/reports/actions.ts'
import type { Area } from '../src/territory/contract.ts'
import { actorOf } from '../test/support/deps.ts'
import { asTableOwner } from '../test/support/table-owner.ts'

/** A written alert whose audience the operator has seen, ready for the order. */
export interface WrittenAlert {
  readonly schemeId: string
  readonly id: string
  readonly version: number
}

const EPCI = '200000000'

/** Puts communes into the one EPCI that alerts are written for, then analyses members and contacts. */
export async function gatherCommunes({ db }: Pick<Deps, 'db'>, codes: readonly string[]): Promise<void> {
  await sql`insert into epcis (code, name, kind) values (${EPCI}, 'Bench', 'CA') on conflict do nothing`.execute(
    db,
  )
  await sql`update communes set epci_code = ${EPCI} where code = any (${codes}::text[])`.execute(db)
  await sql`vacuum analyze communes, members, contacts`.execute(db)
}

const operatorOf = (schemeId: string) => actorOf('operator', schemeId)

/**
 * Records a call and writes its alert with the requests of the screens in order: facts for the guard, report,
 * draft, audience.
 */
export async function writeAlert(
  deps: Deps,
  schemeId: string,
  { place, communeCode }: { readonly place: string; readonly communeCode: string },
): Promise<WrittenAlert> {
  const actor = operatorOf(schemeId)
  const area: Area = { kind: 'epci', code: EPCI }
  await getGuardFacts(deps, actor, schemeId)
  const report = await createReport(deps, actor, schemeId, { categoryCode: 'notes', communeCode })
  const { id, version } = await createAlert(deps, actor, schemeId, {
    reportId: report.id,
    text: `Faux billets ${place}, tout le département. Ne pas intervenir, ne pas transférer SMS.`,
    area,
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  await previewAudience(deps, actor, schemeId, { area, trades: [], severity: 'alert' })
  return { schemeId, id, version }
}

export interface GivenOrder {
  readonly broadcastId: string
  /** As shown on phones. */
  readonly text: string
}

/**
 * Gives the order like an operator's double Enter, from the permission check to the audit entry.
 * @param near alerts that the operator confirms as different; here all of the scheme
 */
export async function giveOrder(
  deps: Deps,
  { schemeId, id, version }: WrittenAlert,
  near: readonly WrittenAlert[],
): Promise<GivenOrder> {
  const confirmNear = near.map((alert) => alert.id)
  const alert = await broadcastAlert(deps, operatorOf(schemeId), schemeId, id, { version, confirmNear })
  const [first] = alert.broadcasts
  if (first === undefined || alert.sentText === null) throw new Error('an order without a broadcast')
  return { broadcastId: first.id, text: alert.sentText }
}

/**
 * Deletes the counts of earlier alerts, so that no number exceeds its weekly budget. They are deleted as in service:
 * TRUNCATE would discard the prepared plans that read them, and each order would plan them anew.
 */
export async function forgetSolicitations({ database }: Pick<Deps, 'database'>): Promise<void> {
  await asTableOwner(database, (tx) => sql`delete from solicitations`.execute(tx))
}
