import { recordAudit } from '../../audit/record.ts'
import { openChange } from '../../changes/record.ts'
import type { Deps } from '../../deps.ts'
import { findCommune } from '../../enrolment/lookup.ts'
import { AppError, type Problem } from '../../errors.ts'
import { updateMemberAddress } from '../../members/contacts.ts'
import {
  type AskedValues,
  askForCorrection,
  findAskedCorrection,
  NOTHING_ASKED,
} from '../../members/corrections/corrections.ts'
import { cleanLine, isMoved, parsePostalCode, parseSiret, requireLine } from '../../members/rules.ts'
import { lockMemberWrites } from '../../members/store.ts'
import { type Actor, authorizeOwn, type OwnShop, type ShopId } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import type { OwnBusiness, OwnShopView } from './contract.ts'
import { getOwnShop } from './shop.ts'

/**
 * Changes the address of a shop, as a change that the chamber can undo for a day, and asks the chamber for what it accepts first:
 * another name, which appears in SMS of the scheme, and another SIRET, trade or commune, which decide what the shop receives. With
 * another commune, the address is asked, too.
 * @throws AppError `address_changed` if the address would replace another one than the user saw; `invalid_input` with every problem
 */
export async function correctBusiness(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  actor: Actor,
  of: ShopId,
  input: OwnBusiness,
): Promise<OwnShopView> {
  const shop = authorizeOwn(actor, 'own.change', of)
  const { schemeId, memberId } = shop
  const problems: Problem[] = []
  const name = input.name === undefined ? undefined : requireLine('name', input.name, problems)
  await inScheme(deps.db, schemeId, async (tx) => {
    // Not the lock of the list: a shop does not wait for the import of a list, and an undo compares field by field.
    await lockMemberWrites(tx, schemeId)
    const stored = await findStored(tx, schemeId, memberId)
    requireSeenPlace(stored, input)
    const moved = await findMovedTo(tx, shop, stored, input.commune, problems)
    const { address, postalCode } = checkAddress(input, stored, moved, problems)
    const siret = checkSiret(input.siret, stored, problems)
    const trade = await checkTrade(tx, shop, stored, input.trade, problems)
    if (problems.length > 0) throw new AppError('invalid_input', { problems })
    const at = deps.now()
    const isAsking = [input.name, input.siret, input.trade, input.commune].some(
      (value) => value !== undefined,
    )
    const asked: AskedValues = {
      ...(await findWaitingValues(tx, schemeId, memberId)),
      ...(name !== undefined && { name: name === stored.name ? null : name }),
      ...(input.siret !== undefined && { siret }),
      ...(input.trade !== undefined && { trade }),
      ...(input.commune !== undefined && { communeCode: null, address: null, postalCode: null }),
      ...(moved !== undefined && { communeCode: moved.communeCode, address, postalCode }),
    }
    if (isAsking) await askForCorrection(tx, schemeId, memberId, { ...asked, at, by: shop.name })
    if (moved === undefined) await changeAddress(tx, deps, actor, shop, { stored, address, postalCode })
  })
  return getOwnShop(deps, actor, of)
}

/**
 * Refuses to replace an address that the user did not see: with another commune of the chamber meanwhile, it would be a street of the
 * one in the other. A request for another commune replaces nothing.
 * @throws AppError `address_changed`; `invalid_input` if the place that the user saw is not given
 */
function requireSeenPlace(stored: Stored, { address, postalCode, commune, was }: OwnBusiness): void {
  if (commune !== undefined && commune !== stored.communeCode) return
  const isSame =
    (address === undefined || (cleanLine(address) || null) === stored.address) &&
    (postalCode === undefined || (postalCode.trim() || null) === stored.postalCode)
  if (isSame) return
  if (was === undefined)
    throw new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'was' }] })
  const isSeen =
    was.commune === stored.communeCode &&
    was.address === stored.address &&
    was.postalCode === stored.postalCode
  if (isSeen) return
  const town = [stored.postalCode, stored.communeName].filter(Boolean).join(' ')
  throw new AppError('address_changed', {
    values: { place: [stored.address, town].filter(Boolean).join(', ') },
  })
}

/** Returns the values that wait for the chamber. */
async function findWaitingValues(tx: Tx, schemeId: string, memberId: string): Promise<AskedValues> {
  const correction = await findAskedCorrection(tx, schemeId, memberId)
  if (correction === undefined || correction.declinedAt !== null) return NOTHING_ASKED
  const { name, siret, trade, communeCode, address, postalCode } = correction
  return { name, siret, trade, communeCode, address, postalCode }
}

interface Town {
  readonly communeCode: string
  readonly communeName: string
  readonly postalCodes: readonly string[]
  /** The code that is stored for the shop there; null elsewhere. */
  readonly postalCode: string | null
}

interface Stored extends Town {
  readonly name: string
  readonly address: string | null
  readonly siret: string | null
  readonly trade: string
}

function findStored(tx: Tx, schemeId: string, memberId: string): Promise<Stored> {
  return tx
    .selectFrom('members')
    .innerJoin('communes', 'communes.code', 'members.communeCode')
    .select(['members.name', 'members.address', 'members.postalCode', 'members.siret', 'members.trade'])
    .select(['members.communeCode', 'communes.name as communeName', 'communes.postalCodes'])
    .where('members.schemeId', '=', schemeId)
    .where('members.id', '=', memberId)
    .executeTakeFirstOrThrow(() => new AppError('not_found'))
}

/** Returns the address of a shop and its postal code: those given, of a shop that moves as they are, else the stored ones. */
function checkAddress(
  given: Pick<OwnBusiness, 'address' | 'postalCode'>,
  stored: Stored,
  moved: Town | undefined,
  problems: Problem[],
): Pick<Stored, 'address' | 'postalCode'> {
  const isKept = (value: string | undefined) => value === undefined && moved === undefined
  return {
    address: isKept(given.address) ? stored.address : cleanLine(given.address ?? '') || null,
    postalCode: isKept(given.postalCode)
      ? stored.postalCode
      : checkPostalCode(given.postalCode ?? '', moved ?? stored, problems),
  }
}

/** Writes the address of a shop as a change, unless it is the stored one. */
async function changeAddress(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  actor: Actor,
  { schemeId, memberId, name: by }: OwnShop,
  to: { readonly stored: Stored; readonly address: string | null; readonly postalCode: string | null },
): Promise<void> {
  const { stored, address, postalCode } = to
  if (address === stored.address && postalCode === stored.postalCode) return
  const change = await openChange(tx, deps, schemeId, { kind: 'edit', actor, note: stored.name })
  await change.before(tx, [memberId])
  await updateMemberAddress(tx, schemeId, memberId, {
    ...{ address, postalCode, at: change.at },
    isMoved: isMoved(stored, { communeCode: stored.communeCode, address }),
  })
  await change.after(tx, { touched: [memberId], created: [] })
  await change.finish(tx)
  await recordAudit(tx, schemeId, change.at, {
    actor: by,
    action: 'member.correct',
    subject: `member:${memberId}`,
    details: { change: change.id, fields: ['address'] },
  })
}

/** Finds the commune that a shop moves to; undefined if it stays. */
async function findMovedTo(
  tx: Tx,
  { schemeId }: OwnShop,
  stored: Stored,
  code: string | undefined,
  problems: Problem[],
): Promise<Town | undefined> {
  if (code === undefined || code === stored.communeCode) return undefined
  const scheme = await findSchemeWithChamber(tx, schemeId)
  const commune = scheme && (await findCommune(tx, scheme.territory, code))
  if (commune?.inside !== true) {
    const problem = commune === undefined ? 'unknown_commune' : 'enrolment.outside'
    problems.push({ code: problem, path: 'commune', values: { code } })
    return undefined
  }
  const { postalCodes } = await tx
    .selectFrom('communes')
    .select('postalCodes')
    .where('code', '=', code)
    .executeTakeFirstOrThrow()
  return { communeCode: code, communeName: commune.name, postalCodes, postalCode: null }
}

/**
 * Checks the postal code that a shop gives for its address: one of its commune, which needs one if it has several. The stored one,
 * possibly a CEDEX, is accepted again.
 */
function checkPostalCode(typed: string, town: Town, problems: Problem[]): string | null {
  const { communeName, postalCodes } = town
  const text = typed.trim()
  if (text !== '' && text === town.postalCode) return text
  const code = text === '' ? null : (parsePostalCode(text) ?? '')
  if (code === null ? postalCodes.length <= 1 : postalCodes.includes(code))
    return code ?? postalCodes[0] ?? null
  const problem = code === null ? 'several' : code === '' ? 'invalid' : 'other'
  const values = { commune: communeName, codes: postalCodes.join(', ') }
  problems.push({ code: `postal_code.${problem}`, path: 'postalCode', values })
  return null
}

/** Returns the SIRET that a shop asks for; null if it asks for none. A stored one cannot be removed, only replaced. */
function checkSiret(typed: string | undefined, stored: Stored, problems: Problem[]): string | null {
  const text = cleanLine(typed ?? '')
  if (text === '') return null
  const checked = parseSiret(text)
  if ('problem' in checked) {
    problems.push({ code: checked.problem, path: 'siret' })
    return null
  }
  return checked.value === stored.siret ? null : checked.value
}

/** Returns the trade of the scheme that a shop asks for; null if it asks for none. */
async function checkTrade(
  tx: Tx,
  { schemeId }: OwnShop,
  stored: Stored,
  code: string | undefined,
  problems: Problem[],
): Promise<string | null> {
  if (code === undefined || code === stored.trade) return null
  const scheme = await findSchemeWithChamber(tx, schemeId)
  if (scheme?.trades.includes(code) === true) return code
  problems.push({ code: 'unknown_trade', path: 'trade', values: { code } })
  return null
}
