import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { admitCode, type CodeAdmission, fingerprintSecret } from '../../identity/codes/codes.ts'
import { destinationOf, regionOf } from '../../identity/codes/destinations.ts'
import { DAY_MS } from '../../message/clock.ts'
import { segmentMessage } from '../../message/segment.ts'
import { markReached, smsTextOf, takeSms } from '../../outbox/store.ts'
import { acrossSchemes, inScheme, type Tx } from '../../platform/db.ts'
import { findDestinations } from '../../schemes/settings/destinations.ts'
import { isSimulated } from '../simulation.ts'
import { codeSpending, notifyBudgetLow } from './code-budgets.ts'
import { planBroadcast } from './plan.ts'

/**
 * Plans an SMS of the outbox, or drops it: it has expired, its code may not be sent, or its number gets no SMS. Does nothing
 * when it was planned already or withdrawn.
 */
export async function sendDirectMessage(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'config' | 'log' | 'secret' | 'jobs' | 'mailer'>,
  schemeId: string,
  messageId: string,
): Promise<void> {
  const admission = await inScheme(deps.db, schemeId, (tx) =>
    planDirectMessage(tx, deps, schemeId, messageId),
  )
  if (admission === 'destination') {
    deps.log.error({ schemeId, messageId }, 'direct message not sent: its number gets no such SMS')
  } else if (admission?.outcome === 'budget') {
    deps.log.error({ schemeId }, 'code not sent: the budget of the scheme for codes is spent for today')
  } else if (admission?.low !== undefined) {
    deps.log.error({ schemeId, budget: admission.low }, 'less than a fifth of the budget for codes is left')
    await notifyBudgetLow(deps, schemeId, admission.low)
  }
}

/** The decision on sending a code; `destination`: its number is outside the allowed destinations. */
type Decision = CodeAdmission | 'destination'

/**
 * Plans an SMS in its transaction, or decides that it may not be sent.
 * @returns undefined when it has expired, was planned already or withdrawn
 */
async function planDirectMessage(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'config' | 'secret' | 'jobs'>,
  schemeId: string,
  messageId: string,
): Promise<Decision | undefined> {
  const message = await takeSms(tx, schemeId, messageId, deps.now())
  if (message === undefined || message.validUntil <= deps.now()) return undefined
  const { codeId, memberId, address: phone } = message
  // Every entry point checks this already; this is the last guard, also for rows of another release.
  if (destinationOf(phone) === 'none') return 'destination'
  if (codeId !== null && !(await mayGetCode(tx, schemeId, { codeId, phone }))) return 'destination'
  const segmentation = segmentMessage(smsTextOf(message), { fold: true })
  const scheme = await tx
    .selectFrom('schemes')
    .select(['sender', 'smsPriceMillicents', 'enrolment', 'timeZone'])
    .where('id', '=', schemeId)
    .executeTakeFirstOrThrow()
  let admission: CodeAdmission = { outcome: 'sent' }
  if (codeId !== null) {
    const parts = message.simulated ? 0 : segmentation.parts.length
    admission = await admitCode(tx, deps, { schemeId, id: codeId }, codeSpending(scheme, parts, deps.now()))
    if (admission.outcome !== 'sent') return admission
  }
  await planBroadcast(tx, deps, {
    schemeId,
    alertId: null,
    kind: codeId === null ? 'service' : 'code',
    // Sent before alerts to thousands: a code is one message, and useless after ten minutes.
    lane: codeId === null ? message.lane : 'code',
    // `recordReachedSms` finds the delivery by it.
    orderKey: messageId,
    ...(codeId === null ? {} : { code: { id: codeId, key: fingerprintSecret(deps) } }),
    segmentation,
    sender: scheme.sender,
    simulated: message.simulated || isSimulated(deps.config.demo, deps.config.gateways),
    validUntil: message.validUntil,
    orderedBy: message.createdBy,
    recipients: sql`
      select ${messageId}::uuid as contact_id, ${memberId ?? messageId}::uuid as member_id, ${phone} as phone,
        '' as commune_code, '' as trade`,
  })
  return admission
}

/**
 * Tells whether a number may get a code: within the destinations of the scheme, or, for a magistrate, whom two persons entered,
 * anywhere in the French numbering plan.
 */
async function mayGetCode(
  tx: Tx,
  schemeId: string,
  { codeId, phone }: { readonly codeId: string; readonly phone: string },
): Promise<boolean> {
  const region = regionOf(phone)
  if (region === undefined) return false
  if ((await findDestinations(tx, schemeId)).includes(region)) return true
  const code = await tx
    .selectFrom('oneTimeCodes')
    .select('purpose')
    .where('schemeId', '=', schemeId)
    .where('id', '=', codeId)
    .executeTakeFirst()
  return code?.purpose === 'authorisation' && destinationOf(phone) === 'home'
}

/** Long enough for late receipts and for a server that was down to catch up. */
const RECEIPT_DAYS = 20
const READ_AT_ONCE = 1000

/** Records in the outbox which of the recent SMS the provider reported as delivered. */
export async function recordReachedSms(deps: Pick<Deps, 'db' | 'now'>): Promise<void> {
  const since = new Date(deps.now().getTime() - RECEIPT_DAYS * DAY_MS)
  while (
    await acrossSchemes(deps.db, async (tx) => {
      const { rows } = await sql<{ schemeId: string; id: string; at: Date }>`
        select o.scheme_id, o.id, min(d.settled_at) as at from outbox o
        join broadcasts b on b.scheme_id = o.scheme_id and b.order_key = o.id
        join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
        where o.kept and o.channel = 'sms' and o.reached_at is null and o.sent_at > ${since}
          and d.state = 'delivered' and d.settled_at is not null
        group by 1, 2 limit ${READ_AT_ONCE}`.execute(tx)
      for (const [schemeId, reached] of Map.groupBy(rows, (row) => row.schemeId))
        await markReached(tx, schemeId, reached)
      return rows.length === READ_AT_ONCE
    })
  );
}
