import { sql } from 'kysely'
import { previewAudience } from '../src/alerts/audience/preview.ts'
import { createAlert } from '../src/alerts/compose/draft.ts'
import { getGuardFacts } from '../src/alerts/compose/guard-facts.ts'
import { broadcastAlert } from '../src/alerts/order/broadcast.ts'
import type { Deps } from '../src/deps.ts'
import { createReport } from '../src/reports/actions.ts'
import type { Area } from '../src/territory/contract.ts'
import { actorOf } from '../test/support/deps.ts'

/** An alert that an operator has written, and whose audience they have seen: all but the order. */
export interface WrittenAlert {
  readonly schemeId: string
  readonly id: string
  readonly version: number
}

const EPCI = '200000000'

/** Makes communes the one EPCI that alerts are written for; members and contacts are as the database knows them by day. */
export async function gatherCommunes({ db }: Pick<Deps, 'db'>, codes: readonly string[]): Promise<void> {
  await sql`insert into epcis (code, name, kind) values (${EPCI}, 'Bench', 'CA') on conflict do nothing`.execute(
    db,
  )
  await sql`update communes set epci_code = ${EPCI} where code = any (${codes}::text[])`.execute(db)
  await sql`vacuum analyze communes, members, contacts`.execute(db)
}

const operatorOf = (schemeId: string) => actorOf('operator', schemeId)

/**
 * Takes a call down and writes its alert: the facts for the guard, report, draft, audience, as the screens do one after the
 * other.
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
    text: `Faux billets ${place}. Ne pas intervenir, ne pas transférer SMS.`,
    area,
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  await previewAudience(deps, actor, schemeId, { area, trades: [], severity: 'alert' })
  return { schemeId, id, version }
}

export interface GivenOrder {
  readonly broadcastId: string
  /** As phones show it. */
  readonly text: string
}

/**
 * The order: what an operator does by a double Enter, from their right to it to its record.
 * @param near alerts of which they say that this one leaves all the same; here all of the scheme
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

/** Nobody is over a budget: what earlier orders of a bench sent is forgotten. */
export async function forgetSolicitations({ db }: Pick<Deps, 'db'>): Promise<void> {
  // Emptied rather than deleted row by row: nothing removes dead rows within a bench as they would be removed in service.
  await sql`truncate solicitations`.execute(db)
}
