import { infiniteQueryOptions, keepPreviousData, type QueryClient } from '@tanstack/react-query'
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

/** Refetches everything that shows members, after a merge or its undo. */
export async function refreshMembers(client: QueryClient): Promise<void> {
  await Promise.all(
    ['doubles', 'members', 'member', 'numbers', 'audience', 'dues', 'member-dues'].map((key) =>
      client.invalidateQueries({ queryKey: [key] }),
    ),
  )
}
