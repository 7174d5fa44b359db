import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { type Changes, withChanges } from '../platform/bodies.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { EnrolmentSettings } from '../schemes/contract.ts'
import { updateSettings } from '../schemes/store.ts'

/** Returns how businesses join the scheme. @throws AppError `unknown_scheme` */
export async function getEnrolmentSettings(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<EnrolmentSettings> {
  authorize(actor, 'enrolment.settings', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readEnrolmentSettings(tx, schemeId))
}

/** Sets how businesses join, for requests submitted from then on. @throws AppError `unknown_scheme` */
export async function setEnrolmentSettings(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  changes: Changes<EnrolmentSettings>,
): Promise<EnrolmentSettings> {
  authorize(actor, 'enrolment.settings', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const before = await readEnrolmentSettings(tx, schemeId, { lock: true })
    const settings = withChanges(before, changes)
    await updateSettings(tx, schemeId, { enrolment: settings })
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'enrolment.settings',
      subject: `scheme:${schemeId}`,
      details: { before, after: settings },
    })
    return settings
  })
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
