import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { currentCharter } from '../../enrolment/charter.ts'
import type { CharterStep } from '../../enrolment/contract.ts'
import { checkSignature } from '../../enrolment/rules.ts'
import { findSignatureOfMember, insertSignature } from '../../enrolment/store.ts'
import { AppError } from '../../errors.ts'
import type { ShopId } from '../../permissions.ts'
import { type Actor, authorizeOwn } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { findSessionById } from '../store.ts'
import type { OwnCharterView } from './contract.ts'

/**
 * Returns the charter in force, and the shop's latest signature.
 * @throws AppError `not_found` for another member's shop
 */
export async function getOwnCharter(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  of: ShopId,
): Promise<OwnCharterView> {
  const shop = authorizeOwn(actor, 'own.read', of)
  return inScheme(deps.db, shop.schemeId, (tx) => toOwnCharterView(tx, shop, deps.now()))
}

/**
 * Signs the version in force for the shop. The signer, the text, the time, and the number or address that proved the signer's
 * identity are stored as proof, in addition to earlier signatures. Signing the same version again changes nothing.
 * @throws AppError `invalid_input`; `charter_changed` if a newer version was published since it was read; `not_found`
 */
export async function signOwnCharter(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  actor: Actor,
  of: ShopId,
  step: CharterStep,
): Promise<OwnCharterView> {
  const shop = authorizeOwn(actor, 'own.change', of)
  const { name, problems } = checkSignature(step)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  if (actor.kind !== 'contact') throw new AppError('forbidden')
  const session = await findSessionById(deps.db, actor.sessionId)
  if (session === undefined) throw new AppError('not_signed_in')
  const now = deps.now()
  return inScheme(deps.db, shop.schemeId, async (tx) => {
    const { charter, signed } = await findCharterOf(tx, shop, now)
    if (charter.version !== step.version) throw new AppError('charter_changed')
    if (signed?.version === charter.version) return toOwnCharterView(tx, shop, now)
    await insertSignature(tx, {
      schemeId: shop.schemeId,
      id: deps.newId(),
      enrolmentId: null,
      version: charter.version,
      sha256: charter.sha256,
      signedName: name,
      mobile: session.phone,
      mail: session.mail,
      contactId: shop.contactId,
      sessionId: session.id,
      signedAt: now,
      memberId: shop.memberId,
    })
    await recordAudit(tx, shop.schemeId, now, {
      actor: shop.name,
      action: 'charter.sign',
      subject: `member:${shop.memberId}`,
      details: { charter: charter.version, sha256: charter.sha256, session: session.id },
    })
    return toOwnCharterView(tx, shop, now)
  })
}

async function findCharterOf(tx: Tx, { schemeId, memberId }: ShopId, now: Date) {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  if (scheme === undefined) throw new AppError('not_found')
  const charter = await currentCharter(tx, schemeId, { scheme: scheme.name, chamber: scheme.chamber }, now)
  return { charter, signed: await findSignatureOfMember(tx, schemeId, memberId) }
}

async function toOwnCharterView(tx: Tx, shop: ShopId, now: Date): Promise<OwnCharterView> {
  const { charter, signed } = await findCharterOf(tx, shop, now)
  return {
    version: charter.version,
    text: charter.text,
    sha256: charter.sha256,
    signed:
      signed === undefined
        ? null
        : { version: signed.version, name: signed.signedName, at: signed.signedAt.toISOString() },
  }
}
