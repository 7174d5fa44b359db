import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { DuesFacet } from '../../../../src/dues/contract.ts'
import { useCurrent } from '../../shell/current.tsx'
import { duesQuery } from '../queries.ts'
import type { DuesSearch } from './search.ts'

/** The facet of the search that lists every member of the campaign. */
export const ALL = 'all'

export type Facet = DuesFacet | typeof ALL

/** The search in the address, and the function that changes a part of it. */
export function useDuesSearch() {
  const search = useSearch({ from: '/shell/cotisations' })
  const navigate = useNavigate()
  return {
    search,
    go: (change: { [key in keyof DuesSearch]?: DuesSearch[key] | undefined }) =>
      void navigate({
        to: '/cotisations',
        search: Object.fromEntries(
          Object.entries({ ...search, ...change }).filter(([, value]) => value),
        ) as DuesSearch,
        replace: true,
      }),
  }
}

/** Reads the dues that the search finds. Without a search, those of late members are listed first, if there are any. */
export function useListedDues() {
  const { scheme } = useCurrent()
  const { search } = useDuesSearch()
  const queryOf = (facet: Facet) =>
    duesQuery(scheme.id, {
      year: search.annee,
      facet: facet === ALL ? undefined : facet,
      q: search.q,
      trade: search.metier,
      sort: 'age',
    })
  const late = useInfiniteQuery(queryOf('late'))
  const isSearched = search.etat !== undefined || search.q !== undefined || search.metier !== undefined
  const isNobodyLate = late.data?.pages[0]?.figures?.members.late === 0
  const facet: Facet = isSearched || isNobodyLate ? (search.etat ?? ALL) : 'late'
  return { facet, dues: useInfiniteQuery(queryOf(facet)) }
}
