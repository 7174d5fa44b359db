import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../../api/client.ts'

export const peopleQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['people', schemeId],
    queryFn: ({ signal }) => callApi('listPeople', { params: { scheme: schemeId }, signal }),
  })

export const sessionsQuery = (schemeId: string, userId: string) =>
  queryOptions({
    queryKey: ['people', schemeId, 'sessions', userId],
    queryFn: ({ signal }) =>
      callApi('listPersonSessions', { params: { scheme: schemeId, user: userId }, signal }),
  })
