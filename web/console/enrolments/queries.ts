import { queryOptions } from '@tanstack/react-query'
import type { EnrolmentQuery } from '../../../src/enrolment/contract.ts'
import { callApi } from '../../api/client.ts'

/** Time after which an open screen looks for new requests: hours pass between two of them. */
const REFETCH_EVERY_MS = 30_000

export const enrolmentsQuery = (schemeId: string, state: EnrolmentQuery['state']) =>
  queryOptions({
    queryKey: ['enrolments', schemeId, state],
    queryFn: ({ signal }) =>
      callApi('listEnrolments', { params: { scheme: schemeId }, query: { state }, signal }),
    refetchInterval: REFETCH_EVERY_MS,
  })

export const correctionsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['corrections', schemeId],
    queryFn: ({ signal }) => callApi('listCorrections', { params: { scheme: schemeId }, signal }),
    refetchInterval: REFETCH_EVERY_MS,
  })

export const enrolmentQuery = (schemeId: string, id: string) =>
  queryOptions({
    queryKey: ['enrolment', schemeId, id],
    queryFn: ({ signal }) => callApi('getEnrolment', { params: { scheme: schemeId, id }, signal }),
  })

export const enrolmentSettingsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['enrolment-settings', schemeId],
    queryFn: ({ signal }) => callApi('getEnrolmentSettings', { params: { scheme: schemeId }, signal }),
  })
