import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callApi } from '../api/client.ts'

export const mailsQuery = queryOptions({
  queryKey: ['mails'],
  queryFn: async ({ signal }) => (await callApi('listDemoMails', { signal })).mails,
  refetchInterval: 3000,
})

export const mailQuery = (id: string) =>
  queryOptions({
    queryKey: ['mail', id],
    queryFn: ({ signal }) => callApi('getDemoMail', { params: { id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const handsetsQuery = (q: string) =>
  queryOptions({
    queryKey: ['handsets', q],
    queryFn: async ({ signal }) =>
      (await callApi('listHandsets', { query: { q, limit: 60 }, signal })).handsets,
    placeholderData: keepPreviousData,
  })
