import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { SchemeTrades } from './rules.ts'

export type VersionedTrades = SchemeTrades & { readonly version: number }

/** @param options `lock` blocks other changes of the trades until the transaction ends */
export async function findTrades(
  tx: Tx,
  schemeId: string,
  options: { readonly lock?: boolean } = {},
): Promise<VersionedTrades | undefined> {
  return tx
    .selectFrom('schemes')
    .select(['trades', 'ownTrades', 'tradesVersion as version'])
    .where('id', '=', schemeId)
    .$if(options.lock === true, (query) => query.forNoKeyUpdate())
    .executeTakeFirst()
}

export async function updateTrades(
  tx: Tx,
  schemeId: string,
  { trades, ownTrades, version }: VersionedTrades,
): Promise<void> {
  await tx
    .updateTable('schemes')
    .set({ trades: [...trades], ownTrades: JSON.stringify(ownTrades), tradesVersion: version })
    .where('id', '=', schemeId)
    .execute()
}

/** Numbers of businesses with a trade: members that have not left, and requests to join that wait for a decision. */
export interface TradeUse {
  readonly trade: string
  readonly members: number
  readonly requests: number
}

export async function countTradeUses(tx: Tx, schemeId: string): Promise<TradeUse[]> {
  const { rows } = await sql<TradeUse>`
    select trade, sum(members)::int as members, sum(requests)::int as requests from (
      select trade, count(*) as members, 0 as requests from members
      where scheme_id = ${schemeId} and status <> 'left' group by trade
      union all
      select trade, 0, count(*) from enrolments
      where scheme_id = ${schemeId} and state = 'submitted' group by trade) uses
    group by trade`.execute(tx)
  return rows
}
