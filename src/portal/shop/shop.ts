import type { AuditAction } from '../../audit/list.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { deleteContact, updateContactNames } from '../../members/contacts.ts'
import type { QuietHoursChoice } from '../../members/contract.ts'
import { findAskedCorrection } from '../../members/corrections/corrections.ts'
import { writeContactSms } from '../../members/opt-out/opt-out.ts'
import { writeQuietHours } from '../../members/quiet-hours.ts'
import { isMobile, parseMail, requireLine } from '../../members/rules.ts'
import { lockMemberWrites, memberSince } from '../../members/store.ts'
import { type Actor, authorizeOwn, type OwnPermission, type OwnShop, type ShopId } from '../../permissions.ts'
import { inScheme, inShop, type Tx } from '../../platform/db.ts'
import { findSchemeWithChamber, getDoctrine } from '../../schemes/store.ts'
import { findTrade } from '../../schemes/trades/trades.ts'
import type { OwnShopView, OwnSmsChoice, PersonNames, RemovePerson } from './contract.ts'

type ShopDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>

/** Returns the data of a shop for its contacts. @throws AppError `not_found` for another member's shop */
export async function getOwnShop(deps: Pick<Deps, 'db'>, actor: Actor, of: ShopId): Promise<OwnShopView> {
  const shop = authorizeOwn(actor, 'own.read', of)
  const { schemeId, memberId } = shop
  const { member, people } = await inShop(deps.db, shop, async (tx) => ({
    member: await tx
      .selectFrom('members')
      .innerJoin('communes', 'communes.code', 'members.communeCode')
      .select(['members.name', 'siret', 'trade', 'communeCode', 'communes.name as communeName', 'address'])
      .select(['members.postalCode', 'communes.postalCodes'])
      .select(['status', 'quietFrom', 'quietTo'])
      .where('members.schemeId', '=', schemeId)
      .where('members.id', '=', memberId)
      .executeTakeFirst(),
    people: await tx
      .selectFrom('contacts')
      .select(['id', 'person', 'mobile', 'mail', 'sms'])
      .where('schemeId', '=', schemeId)
      .where('memberId', '=', memberId)
      .orderBy('position')
      .orderBy('id')
      .execute(),
  }))
  if (member === undefined) throw new AppError('not_found')
  const { care, scheme, correction, since } = await inScheme(deps.db, schemeId, async (tx) => ({
    since: (
      await tx
        .selectFrom('members as m')
        .select(memberSince(schemeId).as('since'))
        .where('m.schemeId', '=', schemeId)
        .where('m.id', '=', memberId)
        .executeTakeFirstOrThrow()
    ).since,
    correction: await findAskedCorrection(tx, schemeId, memberId),
    care: (await getDoctrine(tx, schemeId)).care,
    scheme: await findSchemeWithChamber(tx, schemeId),
  }))
  if (scheme === undefined) throw new AppError('not_found')
  const nameTrade = (code: string) => {
    const { nameFr = code, nameEn = code } = findTrade(code, scheme.ownTrades) ?? {}
    return { code, nameFr, nameEn }
  }
  const { quietFrom, quietTo } = member
  return {
    business: {
      name: member.name,
      correction:
        correction === undefined
          ? null
          : {
              name: correction.name,
              siret: correction.siret,
              trade: correction.trade === null ? null : nameTrade(correction.trade),
              commune:
                correction.communeCode === null
                  ? null
                  : { code: correction.communeCode, name: correction.communeName ?? correction.communeCode },
              address: correction.address,
              postalCode: correction.postalCode,
              state: correction.declinedAt === null ? 'waiting' : 'declined',
              reason: correction.reason,
            },
      siret: member.siret,
      trade: nameTrade(member.trade),
      commune: { code: member.communeCode, name: member.communeName, postalCodes: member.postalCodes },
      address: member.address,
      postalCode: member.postalCode,
      status: member.status,
      memberSince: since,
    },
    chamber: scheme.chamber,
    sender: scheme.sender,
    people: people.map(({ mobile, ...one }) => ({
      ...one,
      phone: mobile,
      mobile: mobile !== null && isMobile(mobile),
      me: one.id === shop.contactId,
    })),
    quiet: quietFrom === null || quietTo === null ? null : { from: quietFrom, to: quietTo },
    care: { quiet: care.quiet, quietOverriddenBy: care.quietOverriddenBy },
  }
}

/** Sets the quiet hours of the shop. */
export async function setOwnQuietHours(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  of: ShopId,
  { quiet }: QuietHoursChoice,
): Promise<OwnShopView> {
  const shop = authorizeOwn(actor, 'own.change', of)
  await inScheme(deps.db, shop.schemeId, (tx) =>
    writeQuietHours(tx, shop.schemeId, shop.memberId, quiet, { at: deps.now(), by: shop.name }),
  )
  return getOwnShop(deps, actor, of)
}

/** Changes a person's name and mail address. @throws AppError `not_found` for a person of another shop, `invalid_input` */
export async function correctPerson(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  of: ShopId,
  contactId: string,
  input: PersonNames,
): Promise<OwnShopView> {
  const shop = authorizeOwn(actor, 'own.change', of)
  const problems: Problem[] = []
  const person = requireLine('person', input.person, problems)
  let mail: string | null = null
  if (input.mail.trim() !== '') {
    const checked = parseMail(input.mail)
    if ('value' in checked) mail = checked.value
    else problems.push({ code: checked.problem, path: 'mail' })
  }
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  await inScheme(deps.db, shop.schemeId, async (tx) => {
    const { schemeId, memberId } = shop
    const isKnown = await updateContactNames(tx, { schemeId, memberId, contactId }, { person, mail })
    if (!isKnown) throw new AppError('not_found')
    await recordShopAudit(tx, deps, shop, 'contact.correct', contactId)
  })
  return getOwnShop(deps, actor, of)
}

/**
 * Opts a person of the shop out of alerts by SMS, including a broadcast under way; or opts the signed-in contact in again.
 * Only the holder of a phone may opt it in.
 * @throws AppError `last_reached` if no contact of the shop would receive alerts and this was not confirmed; `not_found`,
 * `forbidden` to opt another person in, `invalid_input` for a contact without a mobile
 */
export async function setOwnSms(
  deps: ShopDeps,
  actor: Actor,
  of: ShopId,
  contactId: string,
  { sms, evenLast }: OwnSmsChoice,
): Promise<OwnShopView> {
  const shop = authorizeOwn(actor, 'own.change', of)
  if (sms && contactId !== shop.contactId) {
    throw new AppError('forbidden', { values: { permission: 'own.change' satisfies OwnPermission } })
  }
  await inScheme(deps.db, shop.schemeId, async (tx) => {
    await lockMemberWrites(tx, shop.schemeId)
    if (!sms && !evenLast) await requireOtherReachedContact(tx, shop, contactId)
    await writeContactSms(
      tx,
      deps,
      shop.schemeId,
      { member: shop.memberId, contact: contactId },
      { sms, how: 'portal', by: shop.name, reason: null },
    )
  })
  return getOwnShop(deps, actor, of)
}

/**
 * Removes a person from the shop, possibly the signed-in contact. The last person cannot be removed: a shop without people
 * must leave the scheme explicitly.
 * @returns the shop after the removal; null if the contact removed itself
 * @throws AppError `last_person`, `last_reached` as in `setOwnSms`, `not_found`
 */
export async function removePerson(
  deps: ShopDeps,
  actor: Actor,
  of: ShopId,
  contactId: string,
  { evenLast }: RemovePerson,
): Promise<OwnShopView | null> {
  const shop = authorizeOwn(actor, 'own.change', of)
  await inScheme(deps.db, shop.schemeId, async (tx) => {
    await lockMemberWrites(tx, shop.schemeId)
    const people = await tx
      .selectFrom('contacts')
      .select('id')
      .where('schemeId', '=', shop.schemeId)
      .where('memberId', '=', shop.memberId)
      .execute()
    if (!people.some(({ id }) => id === contactId)) throw new AppError('not_found')
    if (people.length === 1) throw new AppError('last_person')
    if (!evenLast) await requireOtherReachedContact(tx, shop, contactId)
    await deleteContact(tx, { schemeId: shop.schemeId, memberId: shop.memberId, contactId })
    await recordShopAudit(tx, deps, shop, 'contact.remove', contactId)
  })
  return contactId === shop.contactId ? null : getOwnShop(deps, actor, of)
}

/** @throws AppError `last_reached` if this contact is the only one of its shop that receives alerts */
async function requireOtherReachedContact(tx: Tx, shop: OwnShop, contactId: string): Promise<void> {
  const reached = await tx
    .selectFrom('contacts')
    .select('id')
    .where('schemeId', '=', shop.schemeId)
    .where('memberId', '=', shop.memberId)
    .where('sms', '=', true)
    .execute()
  if (reached.length === 1 && reached[0]?.id === contactId) throw new AppError('last_reached')
}

export async function recordShopAudit(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  shop: OwnShop,
  action: AuditAction,
  contactId: string,
): Promise<void> {
  await recordAudit(tx, shop.schemeId, deps.now(), {
    actor: shop.name,
    action,
    subject: `contact:${contactId}`,
    details: { member: shop.memberId },
  })
}
