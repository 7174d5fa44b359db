import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { EnrolmentSettings } from '../../schemes/contract.ts'
import { findEnrolmentScheme } from './store.ts'

/** @throws AppError `unknown_scheme` */
export async function getEnrolmentSettings(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<EnrolmentSettings> {
  authorize(actor, 'enrolment.settings', schemeId)
  const scheme = await inScheme(deps.db, schemeId, (tx) => findEnrolmentScheme(tx, schemeId))
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return EnrolmentSettings.parse(scheme.enrolment)
}

/** Sets how one joins, for what is handed in from then on. @throws AppError `unknown_scheme` */
export async function setEnrolmentSettings(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  settings: EnrolmentSettings,
): Promise<EnrolmentSettings> {
  const before = await getEnrolmentSettings(deps, actor, schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    await tx
      .updateTable('schemes')
      .set({ enrolment: JSON.stringify(settings) })
      .where('id', '=', schemeId)
      .execute()
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'enrolment.settings',
      subject: `scheme:${schemeId}`,
      details: { before, after: settings },
    })
  })
  return settings
}
