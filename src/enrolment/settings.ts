import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, authorize } from '../permissions.ts'
import { type Changes, withChanges } from '../platform/bodies.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { EnrolmentSettings } from '../schemes/contract.ts'
import { updateSettings } from '../schemes/store.ts'
import type { SettingWriter } from '../settings/actions.ts'
import {
  auditBy,
  type ChangedBy,
  changeSettings,
  type ProposeDeps,
  settingsInForce,
} from '../settings/propose.ts'

/** Returns how businesses join the scheme. @throws AppError `unknown_scheme` */
export async function getEnrolmentSettings(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<EnrolmentSettings> {
  authorize(actor, 'enrolment.settings', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readEnrolmentSettings(tx, schemeId))
}

/**
 * Sets how businesses join, for requests submitted from then on.
 * @param reason why, for a setting that another account puts in force
 * @throws AppError `unknown_scheme`; as `proposeOrApply`
 */
export async function setEnrolmentSettings(
  deps: ProposeDeps & Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  changes: Changes<EnrolmentSettings>,
  reason?: string,
): Promise<EnrolmentSettings & { proposed: string | null }> {
  authorize(actor, 'enrolment.settings', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const before = await readEnrolmentSettings(tx, schemeId, { lock: true })
    const { settings, proposed } = await changeSettings(tx, deps, actor, {
      schemeId,
      subject: 'enrolment',
      before,
      after: withChanges(before, changes),
      reason,
      write: (after, by) => writeEnrolmentSettings(tx, deps, schemeId, { before, after, by }),
    })
    return { ...settings, proposed }
  })
}

/** Puts a proposed change of how businesses join in force. */
export const enrolmentSettingWriter: SettingWriter = {
  async write(tx, deps, { schemeId, parts, by }) {
    const before = await readEnrolmentSettings(tx, schemeId, { lock: true })
    const after = EnrolmentSettings.parse(settingsInForce(before, parts))
    await writeEnrolmentSettings(tx, deps, schemeId, { before, after, by })
  },
}

async function writeEnrolmentSettings(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    before,
    after,
    by,
  }: { readonly before: EnrolmentSettings; readonly after: EnrolmentSettings; readonly by: ChangedBy },
): Promise<void> {
  await updateSettings(tx, schemeId, { enrolment: after })
  await recordAudit(
    tx,
    schemeId,
    deps.now(),
    auditBy(by, {
      action: 'enrolment.settings',
      subject: `scheme:${schemeId}`,
      details: { before, after },
    }),
  )
}

async function readEnrolmentSettings(
  tx: Tx,
  schemeId: string,
  { lock = false } = {},
): Promise<EnrolmentSettings> {
  let query = tx.selectFrom('schemes').select('enrolment').where('id', '=', schemeId)
  if (lock) query = query.forUpdate()
  const scheme = await query.executeTakeFirst()
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return EnrolmentSettings.parse(scheme.enrolment)
}
