import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { QuietHours } from '../schemes/settings/care.ts'
import { getMember } from './actions.ts'
import type { MemberView, QuietHoursChoice } from './contract.ts'

/**
 * Sets the quiet hours of a member, as it asked the chamber.
 * @throws AppError `not_found`
 */
export async function setQuietHours(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
  { quiet }: QuietHoursChoice,
): Promise<MemberView> {
  authorize(actor, 'member.care', schemeId)
  const change = { at: deps.now(), by: actorName(actor) }
  await inScheme(deps.db, schemeId, (tx) => writeQuietHours(tx, schemeId, id, quiet, change))
  return getMember(deps, actor, schemeId, id)
}

/** Stores the quiet hours of a member and records them in the audit log. @throws AppError `not_found` */
export async function writeQuietHours(
  tx: Tx,
  schemeId: string,
  id: string,
  quiet: QuietHours | null,
  { at, by }: { readonly at: Date; readonly by: string },
): Promise<void> {
  if (!(await updateQuietHours(tx, schemeId, id, quiet, at))) throw new AppError('not_found')
  await recordAudit(tx, schemeId, at, {
    actor: by,
    action: 'member.quiet_hours',
    subject: `member:${id}`,
    details: { quiet },
  })
}

/** @returns whether the member exists */
async function updateQuietHours(
  tx: Tx,
  schemeId: string,
  id: string,
  quiet: QuietHours | null,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('members')
    .set({ quietFrom: quiet?.from ?? null, quietTo: quiet?.to ?? null, updatedAt: at })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
