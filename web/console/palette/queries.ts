import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'
import type { Current } from '../shell/current.tsx'

const MOST = 5

/** What the server finds: members, alerts and communes, each for a role that may read them. */
export function foundQueries(current: Current, q: string) {
  const params = { scheme: current.scheme.id }
  const isAsked = q.length > 1
  return [
    queryOptions({
      queryKey: ['palette', current.scheme.id, 'members', q],
      queryFn: ({ signal }) => callApi('listMembers', { params, query: { q, limit: MOST }, signal }),
      enabled: isAsked && current.may('member.read'),
      placeholderData: keepPreviousData,
    }),
    queryOptions({
      queryKey: ['palette', current.scheme.id, 'alerts', q],
      queryFn: ({ signal }) => callApi('listAlerts', { params, query: { q, limit: MOST }, signal }),
      enabled: isAsked && current.may('alert.read'),
      placeholderData: keepPreviousData,
    }),
    queryOptions({
      queryKey: ['palette', current.scheme.id, 'places', q],
      queryFn: ({ signal }) => callApi('searchPlaces', { params, query: { q, limit: MOST }, signal }),
      enabled: isAsked && (current.may('member.read') || current.may('alert.read')),
      placeholderData: keepPreviousData,
    }),
  ] as const
}
