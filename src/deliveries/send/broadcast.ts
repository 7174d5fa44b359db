import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { deriveCodeDigits, isKnownSecret } from '../../identity/codes/codes.ts'
import { withCode } from '../../message/code.ts'
import { MARK_LENGTH, markLengthAt, withMark } from '../../message/mark.ts'
import { segmentMessage } from '../../message/segment.ts'
import { PREPARED } from '../../platform/database/client.ts'
import type { Db } from '../../platform/db.ts'
import { type Chain, findChain } from '../claim/claims.ts'
import { referenceOffsetOf, type SmsMessage, type SmsRecipient } from '../gateway.ts'
import { markOf, shortMarkOf } from '../marks.ts'
import type { RunningBroadcast } from '../plan/planned.ts'
import type { BroadcastRef } from '../receipt/awaited.ts'
import { type RouteRule, rulesFor } from './routing.ts'

/** A broadcast being sent. */
export interface Broadcast extends BroadcastRef {
  readonly message: SmsMessage
  /** Builds the text of a recipient's copy; undefined: all recipients get the same text. */
  readonly copyOf: CopyOf | undefined
  readonly simulated: boolean
  readonly validUntil: Date
  readonly chain: Chain | undefined
  readonly rules: readonly RouteRule[]
  /** Gateways that refused this message permanently, for its sender or text. */
  readonly refusedBy: Set<string>
}

export type CopyOf = (recipient: SmsRecipient) => string

/** Finds a running broadcast, in the database unless this process has just planned it. @returns undefined when it is not running any more */
export async function loadBroadcast(
  deps: Deps,
  schemeId: string,
  broadcastId: string,
): Promise<Broadcast | undefined> {
  const { db, log, gateways, config, planned } = deps
  const row = planned.removeBroadcast(schemeId, broadcastId) ?? (await readRunning(db, schemeId, broadcastId))
  if (row === undefined) return undefined
  // Digits derived from another secret would be wrong: the process with the right one sends them.
  const isForeign = row.codeKey !== null && !isKnownSecret(deps, row.codeKey)
  if (isForeign) log.error({ schemeId, broadcastId }, 'TOCSIN_SECRET differs from that of another process')
  return {
    schemeId,
    id: row.id,
    alertId: row.alertId,
    lane: row.lane,
    simulated: row.simulated,
    validUntil: row.validUntil,
    chain: await findChain(db, schemeId, row.afterBroadcastId),
    rules: isForeign ? [] : rulesFor(config.routes, gateways, row),
    refusedBy: new Set(),
    copyOf: copiesOf(deps, row),
    message: {
      sender: row.sender,
      segmentation: segmentMessage(row.text),
      validUntil: row.validUntil,
      lane: row.lane,
      referenceOffset: referenceOffsetOf(row.id),
    },
  }
}

async function readRunning(
  db: Db,
  schemeId: string,
  broadcastId: string,
): Promise<RunningBroadcast | undefined> {
  const { rows } = await sql<RunningBroadcast>`${PREPARED}
    select id, scheme_id, alert_id, simulated, valid_until, after_broadcast_id, sender, text, lane, mark_key::text, mark_at, code_id,
      code_key
    from broadcasts where scheme_id = ${schemeId} and id = ${broadcastId}::uuid and state = 'running'`.execute(
    db,
  )
  return rows[0]
}

/** Returns how the copies of a broadcast differ: by the mark of each recipient, or by a code for the only one. */
function copiesOf(
  deps: Pick<Deps, 'secret'>,
  row: Pick<RunningBroadcast, 'text' | 'markKey' | 'markAt' | 'codeId' | 'codeKey'>,
): CopyOf | undefined {
  const { text, markKey, markAt, codeId, codeKey } = row
  if (codeId !== null) return () => withCode(text, deriveCodeDigits(deps, codeId, codeKey))
  if (markKey === null || markAt === null) return undefined
  const key = BigInt(markKey)
  const mark = markLengthAt(text, markAt) === MARK_LENGTH ? markOf : shortMarkOf
  return ({ no }) => withMark(text, markAt, mark(key, no))
}
