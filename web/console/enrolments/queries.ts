import { queryOptions } from '@tanstack/react-query'
import type { EnrolmentPage, EnrolmentQuery, EnrolmentView } from '../../../src/enrolment/contract.ts'
import type { EnrolmentSettings } from '../../../src/schemes/contract.ts'
import { call, inScheme } from '../../api/client.ts'

/** How often a screen left open looks for new requests: hours pass between two of them. */
const LOOK_MS = 30_000

export const enrolmentsQuery = (schemeId: string, state: EnrolmentQuery['state']) =>
  queryOptions({
    queryKey: ['enrolments', schemeId, state],
    queryFn: ({ signal }) =>
      call<EnrolmentPage>(inScheme(schemeId, '/enrolments'), { query: { state }, signal }),
    refetchInterval: LOOK_MS,
  })

export const enrolmentQuery = (schemeId: string, id: string) =>
  queryOptions({
    queryKey: ['enrolment', schemeId, id],
    queryFn: ({ signal }) => call<EnrolmentView>(inScheme(schemeId, `/enrolments/${id}`), { signal }),
  })

export const enrolmentSettingsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['enrolment-settings', schemeId],
    queryFn: ({ signal }) => call<EnrolmentSettings>(inScheme(schemeId, '/enrolment-settings'), { signal }),
  })
