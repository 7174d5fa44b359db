import { sql } from 'kysely'
import { findAuditActor } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import type { Lang } from '../../i18n/format.ts'
import { CODE_MINUTES, checkCode, countCodeOfContact } from '../../identity/codes/codes.ts'
import { updateContactNumber } from '../../members/contacts.ts'
import { listOptedOut } from '../../members/opt-out/opted-out.ts'
import { nameInSms, parseMobile, requireLine } from '../../members/rules.ts'
import { insertContacts, lockMemberWrites } from '../../members/store.ts'
import { DAY_MS } from '../../message/clock.ts'
import { CODE_PLACE } from '../../message/code.ts'
import { requestCode, writeSms } from '../../outbox/actions.ts'
import { type Actor, authorizeOwn, type OwnShop, type Shop, type ShopId } from '../../permissions.ts'
import { acrossSchemes, inScheme, type Tx } from '../../platform/db.ts'
import { findDestinations } from '../../schemes/settings/destinations.ts'
import {
  type ConfirmPerson,
  type ConfirmPhone,
  MAX_PEOPLE,
  type NewPerson,
  type NewPhone,
  type OwnShopView,
  type PhoneAttempt,
} from './contract.ts'
import { getOwnShop, recordShopAudit } from './shop.ts'

type PhoneDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'secret'>

interface Answer {
  readonly attempt: string
  readonly phone: string
  readonly code: string
}

/** A notice is dropped if it cannot be sent within a day. */
const NOTICE_VALID_MS = DAY_MS

/**
 * Sends a code to the number that the contact wants to change to. The code is sent even if another member has the number.
 * @throws AppError `invalid_input`, also if another contact of one of the same shops has the number, or it is of another
 * country (only the chamber enters those); `rate_limited`
 */
export async function sendOwnPhoneCode(
  deps: PhoneDeps,
  caller: { readonly address: string; readonly lang?: Lang },
  actor: Actor,
  of: ShopId,
  input: NewPhone,
): Promise<PhoneAttempt> {
  const shop = authorizeOwn(actor, 'own.change', of)
  const phone = mobileFrom(input.phone)
  const { shops } = await shopsWithSameNumber(deps, actor, shop)
  for (const one of shops) {
    await inScheme(deps.db, one.schemeId, (tx) => requireUnusedNumber(tx, one, phone))
  }
  await acrossSchemes(deps.db, (tx) => countCodeOfContact(tx, deps, shop.contactId))
  return inScheme(deps.db, shop.schemeId, (tx) => sendCode(tx, deps, caller, shop, phone))
}

/**
 * Changes the contact's number to the one that got the code, in all its shops of all schemes that had the same number. The
 * old number is notified and receives nothing more from them.
 * @throws AppError `code_wrong`, `invalid_input` as `sendOwnPhoneCode`
 */
export async function changeOwnPhone(
  deps: PhoneDeps,
  actor: Actor,
  of: ShopId,
  { attempt, phone: typed, code }: ConfirmPhone,
): Promise<OwnShopView> {
  const shop = authorizeOwn(actor, 'own.change', of)
  const phone = mobileFrom(typed)
  await confirmCode(deps, shop, { attempt, phone, code })
  const { number: old, shops: moving } = await shopsWithSameNumber(deps, actor, shop)
  for (const [schemeId, shops] of Map.groupBy(moving, (one) => one.schemeId)) {
    await inScheme(deps.db, schemeId, async (tx) => {
      await lockMemberWrites(tx, schemeId)
      for (const one of shops) {
        await requireUnusedNumber(tx, one, phone)
        await updateContactNumber(tx, one, phone)
        await recordShopAudit(
          tx,
          deps,
          { ...one, name: `contact:${one.contactId}` },
          'contact.phone',
          one.contactId,
        )
      }
      if (old !== undefined && schemeId === shop.schemeId) await notifyOldPhone(tx, deps, shop, old)
    })
  }
  // This session continues under the new number; other sessions of the old number end.
  await acrossSchemes(deps.db, async (tx) => {
    if (actor.kind !== 'contact') return
    if (old !== undefined) {
      await tx
        .deleteFrom('contactSessions')
        .where('phone', '=', old)
        .where('id', '<>', actor.sessionId)
        .execute()
      // Passkeys of the old number are deleted: the person who added them may be another one.
      await tx.deleteFrom('contactPasskeys').where('phone', '=', old).execute()
    }
    // A session by mail belongs to its address, whatever the number.
    await tx
      .updateTable('contactSessions')
      .set({ phone })
      .where('id', '=', actor.sessionId)
      .where('phone', 'is not', null)
      .execute()
  })
  return getOwnShop(deps, actor, of)
}

/**
 * Sends a code to the phone of a person who is to join the shop.
 * @throws AppError `invalid_input` with every problem, `rate_limited`, `too_many_people`
 */
export async function sendNewPersonCode(
  deps: PhoneDeps,
  caller: { readonly address: string; readonly lang?: Lang },
  actor: Actor,
  of: ShopId,
  input: NewPerson,
): Promise<PhoneAttempt> {
  const shop = authorizeOwn(actor, 'own.change', of)
  const problems: Problem[] = []
  requireLine('person', input.person, problems)
  const checked = parseMobile(input.phone)
  if ('problem' in checked) problems.push({ code: checked.problem, path: 'phone' })
  if (problems.length > 0 || 'problem' in checked) throw new AppError('invalid_input', { problems })
  await acrossSchemes(deps.db, (tx) => countCodeOfContact(tx, deps, shop.contactId))
  return inScheme(deps.db, shop.schemeId, async (tx) => {
    await requireRoomForPerson(tx, shop)
    await requireUnusedNumber(tx, shop, checked.value)
    return sendCode(tx, deps, caller, shop, checked.value)
  })
}

/**
 * Adds the person whose phone got the code; the phone receives alerts from then on, unless it opted out: the person can opt in
 * again on the portal. The same request with the same id again changes nothing.
 * @throws AppError `code_wrong`, `id_taken`, and as `sendNewPersonCode`
 */
export async function addPerson(
  deps: PhoneDeps,
  actor: Actor,
  of: ShopId,
  { id: chosen, attempt, phone: typed, code, person: name }: ConfirmPerson,
): Promise<OwnShopView> {
  const shop = authorizeOwn(actor, 'own.change', of)
  const phone = mobileFrom(typed)
  const problems: Problem[] = []
  const person = requireLine('person', name, problems)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  const id = chosen ?? deps.newId()
  const isRight = await inScheme(deps.db, shop.schemeId, async (tx) => {
    const repeated = await findRepeated(tx, shop.schemeId, {
      id: chosen,
      creator: shop.name,
      find: (one) =>
        tx
          .selectFrom('contacts')
          .select(['memberId', 'person', 'mobile'])
          .where('schemeId', '=', shop.schemeId)
          .where('id', '=', one)
          .executeTakeFirst(),
      isSame: (row) => row.memberId === shop.memberId && row.person === person && row.mobile === phone,
      creatorOf: () => findAuditActor(tx, shop.schemeId, { action: 'contact.add', subject: `contact:${id}` }),
    })
    if (repeated !== undefined) return true
    if (!(await isCodeRight(tx, deps, shop, { attempt, phone, code }))) return false
    await lockMemberWrites(tx, shop.schemeId)
    const position = await requireRoomForPerson(tx, shop)
    await requireUnusedNumber(tx, shop, phone)
    const sms = !(await listOptedOut(tx, shop.schemeId, [phone])).has(phone)
    await insertContacts(tx, shop.schemeId, [
      { id, memberId: shop.memberId, person, mobile: phone, mail: null, sms, position },
    ])
    await recordShopAudit(tx, deps, shop, 'contact.add', id)
    return true
  })
  if (!isRight) throw wrongCode()
  return getOwnShop(deps, actor, of)
}

/**
 * Returns the number of one shop of the session, if any, and the session's shops whose contact has the same number. A session
 * by mail may cover several people, each with their own number.
 */
async function shopsWithSameNumber(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  shop: OwnShop,
): Promise<{ readonly number: string | undefined; readonly shops: readonly Shop[] }> {
  const shops = actor.kind === 'contact' ? actor.shops : []
  const known = await listContactNumbers(deps, shops)
  const number = known.get(contactKey(shop))
  const isSame = (one: Shop) =>
    contactKey(one) === contactKey(shop) || (number !== undefined && known.get(contactKey(one)) === number)
  return { number, shops: shops.filter(isSame) }
}

const contactKey = ({ schemeId, contactId }: Shop) => `${schemeId} ${contactId}`

/** Returns the numbers of contacts of any schemes, by `contactKey`; contacts without one are absent. */
function listContactNumbers(
  { db }: Pick<Deps, 'db'>,
  shops: readonly Shop[],
): Promise<ReadonlyMap<string, string>> {
  return acrossSchemes(db, async (tx) => {
    const { rows } = await sql<Shop & { mobile: string }>`
      select c.scheme_id, c.id as contact_id, c.mobile
      from unnest(${shops.map((one) => one.schemeId)}::text[], ${shops.map((one) => one.contactId)}::uuid[]) as s (scheme_id, contact_id)
      join contacts c on c.scheme_id = s.scheme_id and c.id = s.contact_id and c.mobile is not null`.execute(
      tx,
    )
    return new Map(rows.map((row) => [contactKey(row), row.mobile]))
  })
}

function mobileFrom(typed: string): string {
  const checked = parseMobile(typed)
  if ('value' in checked) return checked.value
  throw new AppError('invalid_input', { problems: [{ code: checked.problem, path: 'phone' }] })
}

/** @returns the position of the next contact. @throws AppError `too_many_people` */
async function requireRoomForPerson(tx: Tx, shop: Pick<OwnShop, 'schemeId' | 'memberId'>): Promise<number> {
  const { count, last } = await tx
    .selectFrom('contacts')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('position').as('last')])
    .where('schemeId', '=', shop.schemeId)
    .where('memberId', '=', shop.memberId)
    .executeTakeFirstOrThrow()
  if (count >= MAX_PEOPLE) throw new AppError('too_many_people', { values: { maximum: MAX_PEOPLE } })
  return (last ?? -1) + 1
}

/** @throws AppError `invalid_input` if a contact of the shop has the number already */
async function requireUnusedNumber(
  tx: Tx,
  { schemeId, memberId }: Pick<OwnShop, 'schemeId' | 'memberId'>,
  phone: string,
): Promise<void> {
  const taken = await tx
    .selectFrom('contacts')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .where('mobile', '=', phone)
    .executeTakeFirst()
  if (taken === undefined) return
  throw new AppError('invalid_input', { problems: [{ code: 'portal.phone_known', path: 'phone' }] })
}

async function findSchemeNames(
  tx: Tx,
  { schemeId, memberId }: OwnShop,
): Promise<{ scheme: string; shop: string }> {
  const found = await tx
    .selectFrom('members')
    .innerJoin('schemes', 'schemes.id', 'members.schemeId')
    .select(['schemes.name as scheme', 'members.name as shop'])
    .where('members.schemeId', '=', schemeId)
    .where('members.id', '=', memberId)
    .executeTakeFirst()
  if (found === undefined) throw new AppError('not_found')
  return { scheme: found.scheme, shop: nameInSms(found.shop) }
}

async function sendCode(
  tx: Tx,
  deps: PhoneDeps,
  caller: { readonly address: string; readonly lang?: Lang },
  shop: OwnShop,
  phone: string,
): Promise<PhoneAttempt> {
  const attempt = deps.newId()
  const { scheme } = await findSchemeNames(tx, shop)
  const turn = await requestCode(tx, deps, {
    schemeId: shop.schemeId,
    purpose: 'phone_change',
    subject: attempt,
    phone,
    address: caller.address,
    // Does not name the shop: nobody has proved to hold this number, and members can rename their shops.
    destinations: await findDestinations(tx, shop.schemeId),
    template: 'portal.sms.phone',
    values: { scheme, code: CODE_PLACE, minutes: CODE_MINUTES },
    isWanted: true,
    lang: caller.lang ?? 'fr',
  })
  return { attempt, phone, turn }
}

/**
 * Checks a code. @throws AppError `code_wrong`, without the reason and after its transaction, since a wrong code counts as an
 * attempt
 */
async function confirmCode(deps: PhoneDeps, shop: OwnShop, answer: Answer): Promise<void> {
  if (!(await inScheme(deps.db, shop.schemeId, (tx) => isCodeRight(tx, deps, shop, answer))))
    throw wrongCode()
}

/** Checks a code, like `checkCode`: the transaction must be committed whatever the result. */
function isCodeRight(
  tx: Tx,
  deps: PhoneDeps,
  { schemeId }: OwnShop,
  { attempt, phone, code }: Answer,
): Promise<boolean> {
  return checkCode(tx, deps, { schemeId, purpose: 'phone_change', subject: attempt, phone, digits: code })
}

const wrongCode = () => new AppError('code_wrong', { problems: [{ code: 'code_wrong', path: 'code' }] })

/** Notifies the old phone, in case another person made the change. */
async function notifyOldPhone(tx: Tx, deps: PhoneDeps, shop: OwnShop, phone: string): Promise<void> {
  const names = await findSchemeNames(tx, shop)
  await writeSms(tx, deps, shop.schemeId, {
    to: phone,
    template: 'portal.sms.moved',
    values: names,
    memberId: shop.memberId,
    validUntil: new Date(deps.now().getTime() + NOTICE_VALID_MS),
    createdBy: shop.name,
  })
}
