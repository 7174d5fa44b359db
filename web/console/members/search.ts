import type { CharterFacet, MemberFilter, NumberFacet } from '../../../src/members/contract.ts'

/** The facets of the charter, most urgent first. */
export const charterFacets = ['older', 'none', 'current'] as const satisfies readonly CharterFacet[]

export interface MembersSearch {
  q?: string
  metier?: string
  commune?: string
  etat?: MemberFilter['status']
  numeros?: NumberFacet
  charte?: CharterFacet
  cotisation?: 'owing' | 'settled'
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
}: MembersSearch): MemberFilter {
  return {
    ...(q && { q }),
    ...(metier && { trade: metier }),
    ...(commune && { commune }),
    ...(etat && { status: etat }),
    ...(numeros && { numbers: numeros }),
    ...(charte && { charter: charte }),
    ...(cotisation && { dues: cotisation }),
  }
}

/** Converts a filter to its address. */
export function searchOf({ q, trade, commune, status, numbers, charter, dues }: MemberFilter): MembersSearch {
  return {
    ...(q && { q }),
    ...(trade && { metier: trade }),
    ...(commune && { commune }),
    ...(status && { etat: status }),
    ...(numbers && { numeros: numbers }),
    ...(charter && { charte: charter }),
    ...(dues && { cotisation: dues }),
  }
}

export function isSameFilter(a: MemberFilter, b: MemberFilter): boolean {
  const keys = ['q', 'trade', 'commune', 'status', 'numbers', 'charter', 'dues'] as const
  return keys.every((key) => (a[key] ?? '') === (b[key] ?? ''))
}
