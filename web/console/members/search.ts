import type { CharterFacet, MemberFilter, MemberSort, NumberFacet } from '../../../src/members/contract.ts'
import type { MemberOrder } from './queries.ts'

/** The facets of the charter, most urgent first. */
export const charterFacets = ['older', 'none', 'paper', 'current'] as const satisfies readonly CharterFacet[]

export const memberDues = ['late', 'owing', 'settled'] as const satisfies readonly MemberFilter['dues'][]

const SORTS = [
  'name',
  'trade',
  'commune',
  'sector',
  'numbers',
  'dues',
  'status',
  'charter',
  'joined',
  'siret',
] as const satisfies readonly MemberSort[]

/** The orders of the list as the address names them: `dues`, or `-dues` from the other end. */
export const memberOrders = SORTS.flatMap((sort) => [sort, `-${sort}`] as const)
type OrderName = (typeof memberOrders)[number]

/** Converts the order in the address to that of the server. */
export function orderOf({ tri }: MembersSearch): MemberOrder {
  const sort = SORTS.find((one) => one === tri?.replace('-', '')) ?? 'name'
  return { sort, descending: tri?.startsWith('-') === true }
}

/** Returns the order after a press on the head of a column: that column, or its other direction. */
export function nextOrder(order: MemberOrder, sort: MemberSort): OrderName {
  return order.sort === sort && !order.descending ? `-${sort}` : sort
}

export interface MembersSearch {
  q?: string
  metier?: string
  commune?: string
  etat?: MemberFilter['status']
  numeros?: NumberFacet
  charte?: CharterFacet
  cotisation?: (typeof memberDues)[number]
  secteur?: string
  codePostal?: 'absent'
  /** The id of a tag. */
  etiquette?: string
  /** The id of a group chosen by hand. */
  groupe?: string
  tri?: OrderName
  /** The member whose page is open. */
  membre?: string
  /** The form of a new member is open. */
  nouveau?: 'oui'
  /** The list of past changes is open. */
  modifications?: 'oui'
}

/** Converts the filters in the address to those of the server. */
export function filterOf({
  q,
  metier,
  commune,
  etat,
  numeros,
  charte,
  cotisation,
  etiquette,
  groupe,
  secteur,
  codePostal,
}: MembersSearch): MemberFilter {
  return {
    ...(q && { q }),
    ...(metier && { trade: metier }),
    ...(commune && { commune }),
    ...(etat && { status: etat }),
    ...(numeros && { numbers: numeros }),
    ...(charte && { charter: charte }),
    ...(cotisation && { dues: cotisation }),
    ...(etiquette && { tag: etiquette }),
    ...(groupe && { list: groupe }),
    ...(secteur && { sector: secteur }),
    ...(codePostal && { postalCode: 'missing' as const }),
  }
}

/** Converts a filter to its address. */
export function searchOf(filter: MemberFilter): MembersSearch {
  const { q, trade, commune, status, numbers, charter, dues, tag, list, sector, postalCode } = filter
  return {
    ...(q && { q }),
    ...(trade && { metier: trade }),
    ...(commune && { commune }),
    ...(status && { etat: status }),
    ...(numbers && { numeros: numbers }),
    ...(charter && { charte: charter }),
    ...(dues && { cotisation: dues }),
    ...(tag && { etiquette: tag }),
    ...(list && { groupe: list }),
    ...(sector && { secteur: sector }),
    ...(postalCode && { codePostal: 'absent' as const }),
  }
}

/** Every filter, so that the type refuses one that is forgotten here. */
const FILTERS = {
  ...{ q: true, trade: true, commune: true, status: true, numbers: true, charter: true },
  ...{ dues: true, tag: true, list: true, sector: true, postalCode: true },
} satisfies Record<keyof MemberFilter, true>

/** Tells whether two filters keep the same members; that of a group chosen by hand is the group alone. */
export function isSameFilter(a: MemberFilter, b: MemberFilter): boolean {
  return (Object.keys(FILTERS) as (keyof MemberFilter)[]).every((key) => (a[key] ?? '') === (b[key] ?? ''))
}
