import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { admitCode, fingerprintSecret } from '../identity/codes.ts'
import { destinationOf } from '../identity/destinations.ts'
import { segmentMessage } from '../message/segment.ts'
import { inScheme } from '../platform/db.ts'
import { planBroadcast } from './plan.ts'
import { isSimulated } from './simulation.ts'

/**
 * Plans a direct message (identity/direct-messages.ts), or drops it: it is out of date, a code that may not be sent, or for
 * a number that gets no SMS.
 * Does nothing when it was taken up already.
 */
export async function sendDirectMessage(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'config' | 'log' | 'secret'>,
  schemeId: string,
  messageId: string,
): Promise<void> {
  const refusal = await inScheme(deps.db, schemeId, async (tx) => {
    // Taken away first: whoever else has the same job waits here, and finds nothing.
    const message = await tx
      .deleteFrom('directMessages')
      .where('schemeId', '=', schemeId)
      .where('id', '=', messageId)
      .returningAll()
      .executeTakeFirst()
    if (message === undefined || message.validUntil <= deps.now()) return undefined
    const { codeId, memberId, phone } = message
    // Every entry checks this already; what an entry let through, or another release wrote, ends here.
    const destination = destinationOf(phone)
    if (destination === 'none' || (codeId !== null && destination !== 'home')) return 'destination'
    if (codeId !== null) {
      const admitted = await admitCode(tx, deps, schemeId, codeId)
      if (admitted !== 'sent') return admitted
    }
    const { sender } = await tx
      .selectFrom('schemes')
      .select('sender')
      .where('id', '=', schemeId)
      .executeTakeFirstOrThrow()
    await planBroadcast(tx, deps, {
      schemeId,
      alertId: null,
      kind: codeId === null ? 'service' : 'code',
      // Before alerts that go to thousands: a code is one message, and worth nothing ten minutes later.
      lane: codeId === null ? message.lane : 'code',
      // By it, whoever wrote the message finds what became of it (members/reached.ts).
      orderKey: messageId,
      ...(codeId === null ? {} : { code: { id: codeId, key: fingerprintSecret(deps) } }),
      segmentation: segmentMessage(message.text, { fold: true }),
      sender,
      simulated: isSimulated(deps.config.demo, deps.config.gateways),
      validUntil: message.validUntil,
      orderedBy: message.createdBy,
      recipients: sql`
        select ${messageId}::uuid as contact_id, ${memberId ?? messageId}::uuid as member_id, ${phone} as phone,
          '' as commune_code, '' as trade`,
    })
    return undefined
  })
  if (refusal === 'destination') {
    deps.log.error({ schemeId, messageId }, 'direct message not sent: its number gets no such SMS')
  }
  if (refusal === 'scheme') deps.log.error({ schemeId }, 'codes not sent: too many in this scheme today')
}
