import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

/** The factors of the signed-in account. */
export const securityQuery = queryOptions({
  queryKey: ['account', 'security'],
  queryFn: ({ signal }) => callApi('getAccountSecurity', { signal }),
  staleTime: 60_000,
})

export const ownSessionsQuery = queryOptions({
  queryKey: ['account', 'sessions'],
  queryFn: ({ signal }) => callApi('listOwnSessions', { signal }),
})
