import type { Deps } from '../../deps.ts'
import { findInRegister, placeBusinesses } from '../../enrolment/lookup.ts'
import { listDuplicates, listSimilarNames } from '../../enrolment/store.ts'
import { AppError } from '../../errors.ts'
import { memberScopeOf } from '../../members/actions.ts'
import type { MemberScope } from '../../members/filters.ts'
import { listOptedOut } from '../../members/opt-out/opted-out.ts'
import { isForeign, type Phone, parsePhone, parseSiret } from '../../members/rules.ts'
import { findSchemeRules, listStoredMembers } from '../../members/store.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { searchName } from '../../territory/places/spelling.ts'
import type { MemberCheck, MemberChecked, RegisterAnswer } from './contract.ts'
import { listNumbersOfTrades } from './store.ts'

/**
 * Lists the members and requests to join that may be the business being typed, and the kinds of its numbers. It refuses nothing:
 * an owner may have two shops under one number. Of businesses of other trades, a trade chamber learns only that there is one, and
 * of numbers that none of its members has, not whether they opted out.
 */
export async function checkMember(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  typed: MemberCheck,
): Promise<MemberChecked> {
  const only = memberScopeOf(authorize(actor, 'member.change', schemeId))
  const siret = parseSiret(typed.siret)
  const phones = typed.phones.map((text): Phone | undefined => {
    const phone = parsePhone(text)
    return 'value' in phone ? phone.value : undefined
  })
  const numbers = phones.flatMap((phone) => phone?.e164 ?? [])
  const name = searchName(typed.name)
  return inScheme(deps.db, schemeId, async (tx) => {
    const keys = {
      siret: 'value' in siret ? siret.value : null,
      mobiles: numbers,
      searchName: name === '' ? null : name,
      communeCode: typed.commune === '' ? null : typed.commune,
      memberId: typed.memberId,
      enrolmentId: null,
    }
    const certain = await listDuplicates(tx, schemeId, keys)
    const known = new Set(certain.map(({ id }) => id))
    const similar = (await listSimilarNames(tx, schemeId, keys)).filter(({ id }) => !known.has(id))
    const found = [...certain, ...similar.map((one) => ({ ...one, by: ['name' as const] }))]
    const shown = await listShown(tx, schemeId, only, found)
    const ofUser =
      only.trades === undefined ? numbers : await listNumbersOfTrades(tx, schemeId, only.trades, numbers)
    const optedOut = await listOptedOut(tx, schemeId, ofUser)
    return {
      duplicates: found.map(({ kind, id, name, commune, status, by }) =>
        shown.has(id) ? { kind, id, name, commune, status, by } : { ...HIDDEN, by },
      ),
      phones: phones.map((phone) => ({
        kind:
          phone === undefined
            ? null
            : phone.kind === 'mobile' && isForeign(phone.e164)
              ? 'foreign'
              : phone.kind,
        optedOut: phone !== undefined && optedOut.has(phone.e164),
      })),
    }
  })
}

const HIDDEN = { kind: null, id: null, name: null, commune: null, status: null }

/** Returns the ids of the duplicates that the user may see; a trade chamber sees members of its trades only. */
async function listShown(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  found: readonly { readonly kind: string; readonly id: string }[],
): Promise<ReadonlySet<string>> {
  const { trades } = only
  if (trades === undefined) return new Set(found.map(({ id }) => id))
  const ids = found.flatMap(({ kind, id }) => (kind === 'member' ? id : []))
  const members = await listStoredMembers(tx, schemeId, ids)
  return new Set(members.flatMap(({ id, trade }) => (trades.includes(trade) ? id : [])))
}

/**
 * Finds businesses in the State's register, by SIRET or by words of their name in the départements of the scheme.
 * @throws AppError `invalid_input` for digits that are not a SIRET
 */
export async function searchRegister(
  deps: Pick<Deps, 'db' | 'companies' | 'log'>,
  actor: Actor,
  schemeId: string,
  q: string,
): Promise<RegisterAnswer> {
  const only = memberScopeOf(authorize(actor, 'member.change', schemeId))
  const rules = await inScheme(deps.db, schemeId, (tx) => findSchemeRules(tx, schemeId))
  if (rules === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const { territory, ownTrades } = rules
  const { outcome, businesses } = await findInRegister(deps, { schemeId, territory, q, commune: '' })
  const trades = rules.trades.filter((trade) => only.trades?.includes(trade) ?? true)
  return {
    outcome,
    businesses: await inScheme(deps.db, schemeId, (tx) =>
      placeBusinesses(tx, businesses, { territory, trades, ownTrades }),
    ),
  }
}
