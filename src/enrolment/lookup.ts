import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { parseSiret } from '../members/rules.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import {
  findSchemeWithChamber,
  inNamedArea,
  listDepartements,
  type SchemeWithChamber,
} from '../schemes/store.ts'
import { listTradesByBeginning, readTradeWords } from '../schemes/trades/trade-words.ts'
import { type Trade, tradeOfCodes } from '../schemes/trades/trades.ts'
import type { Area } from '../territory/contract.ts'
import { searchName } from '../territory/places/spelling.ts'
import type { BusinessLookup, BusinessSearch, FoundBusinesses, FoundTrades } from './contract.ts'
import type { RegisteredBusiness, RegistryAnswer } from './registry.ts'

// Proposals for the form of a business that joins. They come from the State's register and the list of trades only, so that
// they reveal nothing about who is a member.

/** Shortest name that is searched. */
const SHORTEST = 3

/** @throws AppError `unknown_scheme` */
export async function getEnrolmentScheme(tx: Tx, schemeId: string): Promise<SchemeWithChamber> {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return scheme
}

/**
 * Looks a SIRET up in the State's register. Does not reveal whether the business is a member already.
 * @throws AppError `unknown_scheme`, `invalid_input` if the text is not a SIRET
 */
export async function lookUpBusiness(
  deps: Pick<Deps, 'db' | 'companies' | 'log'>,
  schemeId: string,
  typed: string,
): Promise<BusinessLookup> {
  const checked = parseSiret(typed)
  if ('problem' in checked) {
    throw new AppError('invalid_input', { problems: [{ code: checked.problem, path: 'siret' }] })
  }
  const siret = checked.value
  const scheme = await inScheme(deps.db, schemeId, (tx) => getEnrolmentScheme(tx, schemeId))
  const answer = await queryRegister(deps, siret)
  if (answer.kind !== 'open') {
    return { outcome: answer.kind, siret, business: null }
  }
  const [business] = await inScheme(deps.db, schemeId, (tx) => placeBusinesses(tx, [answer.business], scheme))
  if (business === undefined) throw new AppError('internal')
  const { name, trade, commune, outside, address } = business
  return { outcome: 'found', siret, business: { name, trade, commune, outside, address } }
}

/**
 * Finds businesses in the register for an applicant, by SIRET or by words of their name.
 * @throws AppError `unknown_scheme`, `invalid_input` for digits that are not a SIRET
 */
export async function searchBusinesses(
  deps: Pick<Deps, 'db' | 'companies' | 'log'>,
  schemeId: string,
  { q, commune }: BusinessSearch,
): Promise<FoundBusinesses> {
  const scheme = await inScheme(deps.db, schemeId, (tx) => getEnrolmentScheme(tx, schemeId))
  const { outcome, businesses } = await findInRegister(deps, {
    schemeId,
    territory: scheme.territory,
    q,
    commune,
  })
  const placed = await inScheme(deps.db, schemeId, (tx) => placeBusinesses(tx, businesses, scheme))
  return {
    outcome,
    businesses: placed.map((one) => ({
      siret: one.siret,
      name: one.name,
      trade: one.trade,
      commune: one.commune,
      outside: one.outside,
      address: one.address,
    })),
  }
}

/**
 * Finds businesses in the register, by SIRET or by words of their name in one commune or the départements of the territory.
 * @throws AppError `invalid_input` for digits that are not a SIRET
 */
export async function findInRegister(
  deps: Pick<Deps, 'db' | 'companies' | 'log'>,
  search: {
    readonly schemeId: string
    readonly territory: Area
    readonly q: string
    /** Empty: the whole territory. */
    readonly commune: string
  },
): Promise<{
  readonly outcome: FoundBusinesses['outcome']
  readonly businesses: readonly RegisteredBusiness[]
}> {
  const { schemeId, territory, q, commune } = search
  if (/^[\d\s.]+$/.test(q) && q.trim() !== '') {
    const siret = parseSiret(q)
    if ('problem' in siret)
      throw new AppError('invalid_input', { problems: [{ code: siret.problem, path: 'siret' }] })
    const answer = await queryRegister(deps, siret.value)
    return answer.kind === 'open'
      ? { outcome: 'found', businesses: [answer.business] }
      : { outcome: answer.kind, businesses: [] }
  }
  if (searchName(q).length < SHORTEST) return { outcome: 'unknown', businesses: [] }
  const departements = await inScheme(deps.db, schemeId, (tx) => listDepartements(tx, territory))
  try {
    const businesses = await deps.companies.search(q, {
      departements,
      commune: commune === '' ? null : commune,
    })
    return { outcome: businesses.length === 0 ? 'unknown' : 'found', businesses }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'source_unreachable') throw error
    deps.log.warn({ source: deps.companies.name }, 'register of companies unreachable')
    return { outcome: 'unreachable', businesses: [] }
  }
}

/** A business of the register with its trade and commune in a scheme. */
export interface PlacedBusiness extends Omit<RegisteredBusiness, 'communeCode'> {
  /** Null if its activity matches no admitted trade. */
  readonly trade: string | null
  /** Null if unknown, or outside the territory (then `outside` is set). */
  readonly commune: { readonly code: string; readonly name: string } | null
  readonly outside: boolean
}

/** Adds the trades and communes that businesses of the register have in a scheme. @param trades those admitted */
export async function placeBusinesses(
  tx: Tx,
  businesses: readonly RegisteredBusiness[],
  {
    territory,
    trades,
    ownTrades,
  }: {
    readonly territory: Area
    readonly trades: readonly string[]
    readonly ownTrades: readonly Trade[]
  },
): Promise<PlacedBusiness[]> {
  const placed: PlacedBusiness[] = []
  for (const { communeCode, ...business } of businesses) {
    const commune = await findCommune(tx, territory, communeCode)
    const trade = tradeOfCodes(business, ownTrades)
    const isInside = commune?.inside === true
    placed.push({
      ...business,
      trade: trade !== undefined && trades.includes(trade) ? trade : null,
      commune: isInside ? { code: commune.code, name: commune.name } : null,
      outside: communeCode !== null && !isInside,
    })
  }
  return placed
}

/** The trade that a shop chooses when no other describes it. */
const OTHER_SHOPS = 'general-shops'

/**
 * Lists the trades of a scheme that a word may mean, the likeliest first, each with the word that was understood; for a word that
 * none is known by, every trade, that of other shops first.
 */
export async function searchTrades(
  deps: Pick<Deps, 'db'>,
  schemeId: string,
  q: string,
): Promise<FoundTrades> {
  const { trades, ownTrades } = await inScheme(deps.db, schemeId, (tx) => getEnrolmentScheme(tx, schemeId))
  const begun = new Map<string, string>(
    listTradesByBeginning(q, ownTrades).map(({ trade, word }) => [trade, word]),
  )
  const codes = new Set<string>([...readTradeWords(q, ownTrades).candidates, ...begun.keys()])
  const meant = [...codes].filter((code) => trades.includes(code))
  if (meant.length > 0)
    return { known: true, trades: meant.map((code) => ({ code, word: begun.get(code) ?? null })) }
  const others = trades.filter((code) => code !== OTHER_SHOPS)
  const all = others.length < trades.length ? [OTHER_SHOPS, ...others] : others
  return { known: false, trades: all.map((code) => ({ code, word: null })) }
}

/** Queries the register; returns `unreachable` if it does not answer, so that this keeps no business from joining. */
export async function queryRegister(
  deps: Pick<Deps, 'companies' | 'log'>,
  siret: string,
): Promise<RegistryAnswer | { readonly kind: 'unreachable' }> {
  try {
    return await deps.companies.find(siret)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'source_unreachable') throw error
    deps.log.warn({ source: deps.companies.name }, 'register of companies unreachable')
    return { kind: 'unreachable' }
  }
}

export async function findCommune(tx: Tx, territory: Area, code: string | null) {
  if (code === null) return undefined
  return tx
    .selectFrom('communes')
    .select(['code', 'name'])
    .select(inNamedArea(territory).as('inside'))
    .where('code', '=', code)
    .executeTakeFirst()
}
