import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

export const todayQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['today', schemeId],
    queryFn: ({ signal }) => callApi('getToday', { params: { scheme: schemeId }, signal }),
    // What waits changes by the hand of others; whoever comes back to this screen reads it anew.
    refetchOnMount: 'always',
    refetchInterval: 60_000,
  })
