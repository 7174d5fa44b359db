import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { revokeMandatesOfLeaving } from '../../dues/collect/mandates.ts'
import { lockDues } from '../../dues/ledger/ledger.ts'
import type { NotifyDeps } from '../../dues/reminders/notify.ts'
import { AppError } from '../../errors.ts'
import { fillText } from '../../i18n/fill.ts'
import { markMemberLeft } from '../../members/contacts.ts'
import { isMobile, nameInSms } from '../../members/rules.ts'
import { lockMemberWrites } from '../../members/store.ts'
import { writeSms } from '../../outbox/actions.ts'
import { CONFIRMATION_VALID_MS } from '../../outbox/validity.ts'
import type { ShopId } from '../../permissions.ts'
import { type Actor, authorizeOwn } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { ServiceTexts } from '../../schemes/contract.ts'
import type { LeaveScheme } from './contract.ts'

/**
 * Removes a shop from its scheme at its own request. Its contacts receive nothing more, not even of a broadcast under way
 * (the engine withdraws what is planned), and lose access to the portal, except for their other shops. Its mandate is
 * revoked, so nothing more is collected. Each contact is notified by one SMS.
 * @throws AppError `invalid_input` if it was not confirmed; `not_found`
 */
export async function leaveScheme(
  deps: Pick<Deps, 'db'> & NotifyDeps,
  actor: Actor,
  of: ShopId,
  { confirmed }: LeaveScheme,
): Promise<void> {
  const shop = authorizeOwn(actor, 'own.leave', of)
  const { schemeId, memberId } = shop
  if (!confirmed) {
    throw new AppError('invalid_input', { problems: [{ code: 'portal.not_confirmed', path: 'confirmed' }] })
  }
  const now = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    await lockMemberWrites(tx, schemeId)
    const left = await markMemberLeft(tx, schemeId, memberId, now)
    if (left === undefined) throw new AppError('not_found')
    const people = await tx
      .selectFrom('contacts')
      .select(['mobile', 'sms'])
      .where('schemeId', '=', schemeId)
      .where('memberId', '=', memberId)
      .execute()
    const scheme = await tx
      .selectFrom('schemes')
      .select(['name', 'texts'])
      .where('id', '=', schemeId)
      .executeTakeFirstOrThrow()
    const own = ServiceTexts.parse(scheme.texts).left
    for (const { mobile, sms } of people) {
      if (mobile === null || !sms || !isMobile(mobile)) continue
      await writeSms(tx, deps, schemeId, {
        to: mobile,
        ...(own === ''
          ? { template: 'portal.sms.left', values: { scheme: scheme.name, shop: nameInSms(left.name) } }
          : {
              template: 'portal.sms.own',
              values: { text: fillText(own, { dispositif: scheme.name, commerce: nameInSms(left.name) }) },
            }),
        memberId,
        validUntil: new Date(now.getTime() + CONFIRMATION_VALID_MS),
        createdBy: shop.name,
      })
    }
    await recordAudit(tx, schemeId, now, {
      actor: shop.name,
      action: 'member.leave',
      subject: `member:${memberId}`,
    })
    await revokeMandatesOfLeaving(tx, deps, schemeId, {
      by: shop.name,
      notify: deps,
      memberIds: [memberId],
      at: now,
    })
  })
}
