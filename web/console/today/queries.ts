import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

export const todayQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['today', schemeId],
    queryFn: ({ signal }) => callApi('getToday', { params: { scheme: schemeId }, signal }),
    // Others change what waits, so a user who comes back to this screen reads it anew.
    refetchOnMount: 'always',
    refetchInterval: 60_000,
  })
