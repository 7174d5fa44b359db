import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

export const doublesQuery = (schemeId: string) =>
  infiniteQueryOptions({
    queryKey: ['doubles', schemeId],
    queryFn: ({ signal, pageParam }) =>
      callApi('findDoubles', { params: { scheme: schemeId }, query: { offset: pageParam }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => {
      const read = pages.reduce((sum, one) => sum + one.pairs.length, 0)
      return read < page.total && page.pairs.length > 0 ? read : null
    },
    placeholderData: keepPreviousData,
  })

/** Keys of the queries that show members, to be read again after a merge and its undo. */
export const memberQueries = [
  'doubles',
  'members',
  'member',
  'numbers',
  'audience',
  'dues',
  'member-dues',
].map((key) => [key])
