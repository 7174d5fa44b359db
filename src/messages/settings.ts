import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { type Changes, withChanges } from '../platform/bodies.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { MessageSettings } from '../schemes/contract.ts'
import { updateSettings } from '../schemes/store.ts'

/** Reads the settings of service messages. @throws AppError `unknown_scheme` */
export async function getMessageSettings(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<MessageSettings> {
  authorize(actor, 'message.settings', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readSettings(tx, schemeId))
}

/**
 * Changes the settings of service messages; messages already written keep their state. @throws AppError
 * `unknown_scheme`
 */
export async function setMessageSettings(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  changes: Changes<MessageSettings>,
): Promise<MessageSettings> {
  authorize(actor, 'message.settings', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const before = await readSettings(tx, schemeId, { lock: true })
    const settings = withChanges(before, changes)
    await updateSettings(tx, schemeId, { messages: settings })
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'message.settings',
      subject: `scheme:${schemeId}`,
      details: { before, after: settings },
    })
    return settings
  })
}

async function readSettings(tx: Tx, schemeId: string, { lock = false } = {}): Promise<MessageSettings> {
  let query = tx.selectFrom('schemes').select('messages').where('id', '=', schemeId)
  if (lock) query = query.forUpdate()
  const row = await query.executeTakeFirst()
  if (row === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return MessageSettings.parse(row.messages)
}
