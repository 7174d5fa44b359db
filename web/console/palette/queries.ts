import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'
import type { Current } from '../shell/current.tsx'

const MAX_RESULTS = 5

/** Tells whether a text may be the reference that payment requests print: "AC63 9F3A2B1C", or its end. */
function isReference(schemeId: string, q: string): boolean {
  const compact = q.toUpperCase().replace(/[^A-Z0-9]/g, '')
  const code = schemeId.toUpperCase()
  return /^[0-9A-FO]{8}$/.test(compact.startsWith(code) ? compact.slice(code.length) : compact)
}

/**
 * Queries for the results that the server finds: members, alerts, communes and references of dues, each for roles that may read
 * them.
 */
export function foundQueries(current: Current, q: string) {
  const params = { scheme: current.scheme.id }
  const isAsked = q.length > 1
  return [
    queryOptions({
      queryKey: ['palette', current.scheme.id, 'members', q],
      queryFn: ({ signal }) => callApi('listMembers', { params, query: { q, limit: MAX_RESULTS }, signal }),
      enabled: isAsked && current.may('member.read'),
      placeholderData: keepPreviousData,
    }),
    queryOptions({
      queryKey: ['palette', current.scheme.id, 'alerts', q],
      queryFn: ({ signal }) => callApi('listAlerts', { params, query: { q, limit: MAX_RESULTS }, signal }),
      enabled: isAsked && current.may('alert.read'),
      placeholderData: keepPreviousData,
    }),
    queryOptions({
      queryKey: ['palette', current.scheme.id, 'places', q],
      queryFn: ({ signal }) => callApi('searchPlaces', { params, query: { q, limit: MAX_RESULTS }, signal }),
      enabled: isAsked && (current.may('member.read') || current.may('alert.read')),
      placeholderData: keepPreviousData,
    }),
    queryOptions({
      queryKey: ['palette', current.scheme.id, 'reference', q],
      queryFn: ({ signal }) => callApi('findPayers', { params, query: { q }, signal }),
      enabled: current.may('dues.read') && isReference(current.scheme.id, q),
    }),
  ] as const
}
