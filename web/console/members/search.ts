import type { CharterFacet, MemberFilter, NumberFacet } from '../../../src/members/contract.ts'

/** The facets of the charter, most urgent first. */
export const charterFacets = ['older', 'none', 'paper', 'current'] as const satisfies readonly CharterFacet[]

export interface MembersSearch {
  q?: string
  metier?: string
  commune?: string
  etat?: MemberFilter['status']
  numeros?: NumberFacet
  charte?: CharterFacet
  cotisation?: 'owing' | 'settled'
  /** The id of a tag. */
  etiquette?: string
  /** The id of a group chosen by hand. */
  groupe?: string
  /** The member whose page is open. */
  membre?: string
  /** The form of a new member is open. */
  nouveau?: 'oui'
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
  }
}

/** Converts a filter to its address. */
export function searchOf({
  q,
  trade,
  commune,
  status,
  numbers,
  charter,
  dues,
  tag,
  list,
}: MemberFilter): MembersSearch {
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
  }
}

export function isSameFilter(a: MemberFilter, b: MemberFilter): boolean {
  const keys = ['q', 'trade', 'commune', 'status', 'numbers', 'charter', 'dues', 'tag', 'list'] as const
  return keys.every((key) => (a[key] ?? '') === (b[key] ?? ''))
}
