import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { planBroadcast } from '../../deliveries/plan/plan.ts'
import { isSimulated } from '../../deliveries/simulation.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { segmentMessage } from '../../message/segment.ts'
import { type Actor, actorName } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { eventWords } from '../../schemes/texts/whereabouts.ts'
import { getSchemeFacts } from '../compose/draft.ts'
import { placeWordsOf } from '../follow-up/follow-ups.ts'
import { solicitationSince } from './care.ts'
import { digestText, type HeldBackAlert } from './digest-text.ts'
import {
  listSchemesWithDueDigests,
  lockPendingDigests,
  markNotified,
  type PendingDigestRow,
} from './held-back.ts'
import { forgetSolicitations } from './solicitations.ts'

type DigestDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'config' | 'log'>

/** Maximum number of recipients of one run in a scheme; the next run notifies the others. */
const NUMBERS_AT_ONCE = 10_000
/** A digest not sent by then is dropped as outdated. */
const DIGEST_HOURS = 12

/**
 * Sends digests to the recipients of all schemes whose alerts were held back, when their quiet hours end or in the
 * morning: one message for each number whatever the number of alerts, after all alerts. Recipients who left the scheme
 * since, exercises and stopped alerts are skipped.
 * @returns number of messages planned
 */
export async function sendDigests(deps: DigestDeps, actor: Actor): Promise<number> {
  // Runs over all schemes, so without an actor.
  if (actor.kind !== 'system') throw new AppError('forbidden', { values: { permission: 'alert.broadcast' } })
  let planned = 0
  for (const schemeId of await listSchemesWithDueDigests(deps.db, deps.now())) {
    try {
      planned += await inScheme(deps.db, schemeId, (tx) => sendDigestsOfScheme(tx, deps, actor, schemeId))
    } catch (error) {
      deps.log.error({ err: error, schemeId }, 'digest of a scheme not sent, trying again')
    }
  }
  return planned
}

async function sendDigestsOfScheme(
  tx: Tx,
  deps: Omit<DigestDeps, 'log'>,
  actor: Actor,
  schemeId: string,
): Promise<number> {
  const now = deps.now()
  await forgetSolicitations(tx, schemeId, { since: solicitationSince(now) })
  const rows = await lockPendingDigests(tx, schemeId, now, NUMBERS_AT_ONCE)
  if (rows.length === 0) return 0
  const notified = rows.filter((row) => row.notifiable)
  const { sender, timeZone } = await getSchemeFacts(tx, schemeId)
  const byText = Map.groupBy(Map.groupBy(notified, ({ phone }) => phone).values(), (alerts) =>
    digestText(alerts.map(heldBackAlertOf) as [HeldBackAlert, ...HeldBackAlert[]], timeZone),
  )
  const by = actorName(actor)
  for (const [text, recipients] of byText) {
    const { broadcastId } = await planBroadcast(tx, deps, {
      schemeId,
      alertId: null,
      kind: 'digest',
      segmentation: segmentMessage(text, { fold: true }),
      sender,
      lane: 'service',
      simulated: isSimulated(deps.config.demo, deps.config.gateways),
      validUntil: new Date(now.getTime() + DIGEST_HOURS * HOUR_MS),
      orderedBy: by,
      recipients: recipientRows(recipients.map(([first]) => first!)),
    })
    await markNotified(tx, schemeId, recipients.flat(), now, broadcastId)
  }
  await markNotified(
    tx,
    schemeId,
    rows.filter((row) => !row.notifiable),
    now,
    null,
  )
  const planned = [...byText.values()].reduce((sum, recipients) => sum + recipients.length, 0)
  await recordAudit(tx, schemeId, now, {
    actor: by,
    action: 'care.digest',
    subject: `scheme:${schemeId}`,
    details: { recipients: planned, alerts: new Set(notified.map(({ alertId }) => alertId)).size },
  })
  return planned
}

function heldBackAlertOf(row: PendingDigestRow): HeldBackAlert {
  return {
    reference: row.reference,
    event: eventWords(row.labelFr, placeWordsOf(row)),
    heldAt: row.heldAt,
    reason: row.reason,
    closed: row.closed,
  }
}

/** Returns a SELECT of the recipients of these rows, in their order. */
function recipientRows(rows: readonly PendingDigestRow[]) {
  const column = (name: 'contactId' | 'memberId' | 'phone' | 'communeCode' | 'trade') =>
    rows.map((row) => row[name])
  return sql<never>`
    select * from unnest(${column('contactId')}::uuid[], ${column('memberId')}::uuid[], ${column('phone')}::text[],
      ${column('communeCode')}::text[], ${column('trade')}::text[])
      as r (contact_id, member_id, phone, commune_code, trade)`
}
