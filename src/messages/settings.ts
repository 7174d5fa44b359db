import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, authorize } from '../permissions.ts'
import { type Changes, withChanges } from '../platform/bodies.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { MessageSettings } from '../schemes/contract.ts'
import { updateSettings } from '../schemes/store.ts'
import type { SettingWriter } from '../settings/actions.ts'
import {
  auditBy,
  type ChangedBy,
  changeSettings,
  type ProposeDeps,
  settingsInForce,
} from '../settings/propose.ts'

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
 * Changes the settings of service messages; messages already written keep their state.
 * @param reason why, for a setting that another account puts in force
 * @throws AppError `unknown_scheme`; as `proposeOrApply`
 */
export async function setMessageSettings(
  deps: ProposeDeps & Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  changes: Changes<MessageSettings>,
  reason?: string,
): Promise<MessageSettings & { proposed: string | null }> {
  authorize(actor, 'message.settings', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const before = await readSettings(tx, schemeId, { lock: true })
    const { settings, proposed } = await changeSettings(tx, deps, actor, {
      schemeId,
      subject: 'messages',
      before,
      after: withChanges(before, changes),
      reason,
      write: (after, by) => writeSettings(tx, deps, schemeId, { before, after, by }),
    })
    return { ...settings, proposed }
  })
}

/** Puts a proposed change of the settings of service messages in force. */
export const messageSettingWriter: SettingWriter = {
  async write(tx, deps, { schemeId, parts, by }) {
    const before = await readSettings(tx, schemeId, { lock: true })
    const after = MessageSettings.parse(settingsInForce(before, parts))
    await writeSettings(tx, deps, schemeId, { before, after, by })
  },
}

async function writeSettings(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    before,
    after,
    by,
  }: { readonly before: MessageSettings; readonly after: MessageSettings; readonly by: ChangedBy },
): Promise<void> {
  await updateSettings(tx, schemeId, { messages: after })
  await recordAudit(
    tx,
    schemeId,
    deps.now(),
    auditBy(by, {
      action: 'message.settings',
      subject: `scheme:${schemeId}`,
      details: { before, after },
    }),
  )
}

async function readSettings(tx: Tx, schemeId: string, { lock = false } = {}): Promise<MessageSettings> {
  let query = tx.selectFrom('schemes').select('messages').where('id', '=', schemeId)
  if (lock) query = query.forUpdate()
  const row = await query.executeTakeFirst()
  if (row === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return MessageSettings.parse(row.messages)
}
