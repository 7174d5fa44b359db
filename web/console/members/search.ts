import type { MemberFilter, NumberFacet } from '../../../src/members/contract.ts'
import type { MemberStatus } from '../../api/queries.ts'

export interface MembersSearch {
  q?: string
  metier?: string
  commune?: string
  etat?: MemberStatus
  numeros?: NumberFacet
  /** The member whose page is open. */
  membre?: string
}

/** What an address filters by, as the server has it. */
export function filterOf({ q, metier, commune, etat, numeros }: MembersSearch): MemberFilter {
  return {
    ...(q && { q }),
    ...(metier && { trade: metier }),
    ...(commune && { commune }),
    ...(etat && { status: etat }),
    ...(numeros && { numbers: numeros }),
  }
}

/** The address of a filter. */
export function searchOf({ q, trade, commune, status, numbers }: MemberFilter): MembersSearch {
  return {
    ...(q && { q }),
    ...(trade && { metier: trade }),
    ...(commune && { commune }),
    ...(status && { etat: status }),
    ...(numbers && { numeros: numbers }),
  }
}

export function isSameFilter(a: MemberFilter, b: MemberFilter): boolean {
  const keys = ['q', 'trade', 'commune', 'status', 'numbers'] as const
  return keys.every((key) => (a[key] ?? '') === (b[key] ?? ''))
}
