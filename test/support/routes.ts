import { sql } from 'kysely'
import type { GatewayReport } from '../../src/deliveries/contract.ts'
import type { Db } from '../../src/platform/db.ts'

/** Makes the report of an idle working gateway, with the changes of a test. */
export function gatewayReport(
  over: Partial<Omit<GatewayReport, 'totals'>> & { readonly totals?: Partial<GatewayReport['totals']> } = {},
): GatewayReport {
  return {
    name: 'smpp',
    kind: 'smpp',
    simulated: false,
    state: 'bound',
    circuit: 'closed',
    inFlight: 0,
    window: 100,
    partsPerSecond: null,
    silentMs: 0,
    lastError: null,
    recentReceipts: { received: 0, unknown: 0 },
    laneTimes: {},
    ...over,
    totals: {
      submitted: 0,
      accepted: 0,
      refused: 0,
      throttled: 0,
      unanswered: 0,
      receipts: 0,
      unknownReceipts: 0,
      foundReceipts: 0,
      linksLost: 0,
      answerMs: 0,
      refusals: {},
      ...over.totals,
    },
  }
}

/** Writes the heartbeat of a fictional worker, `silentSeconds` old. */
export async function beat(
  db: Db,
  worker: {
    readonly id: number
    readonly name?: string
    readonly silentSeconds?: number
    readonly gateways?: readonly unknown[]
  },
): Promise<void> {
  const { id, name = `poste-${id}:100`, silentSeconds = 0, gateways = [gatewayReport()] } = worker
  await sql`
    insert into workers (id, name, started_at, beat_at, dividing_by, gateways)
    values (${id}, ${name}, '2026-11-25T08:00:00Z'::timestamptz + ${id} * interval '1 second',
      clock_timestamp() - ${silentSeconds} * interval '1 second', 1, ${JSON.stringify(gateways)}::jsonb)
    on conflict (id) do update set beat_at = excluded.beat_at, gateways = excluded.gateways`.execute(db)
}
