import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { ServiceStatus } from '../../src/deliveries/contract.ts'
import type {
  BusinessLookup,
  OwnEnrolment,
  OwnEnrolmentView,
  PublicSchemeView,
} from '../../src/enrolment/contract.ts'
import type { PrivacyFacts } from '../../src/privacy/retention/contract.ts'
import type { PublicFigures } from '../../src/statistics/contract.ts'
import { call } from '../api/client.ts'

export const publicPath = (schemeId: string, path = '') =>
  `/public/schemes/${encodeURIComponent(schemeId)}${path}`

export const publicSchemeQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['public-scheme', schemeId],
    queryFn: ({ signal }) => call<PublicSchemeView>(publicPath(schemeId), { signal }),
    staleTime: 5 * 60_000,
  })

/** What its privacy notice is written from. */
export const privacyQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['privacy', schemeId],
    queryFn: ({ signal }) => call<PrivacyFacts>(publicPath(schemeId, '/privacy'), { signal }),
    staleTime: 5 * 60_000,
  })

/** What the scheme publishes of its alerts; null: nothing. */
export const publicFiguresQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['public-figures', schemeId],
    queryFn: ({ signal }) => call<PublicFigures | null>(publicPath(schemeId, '/figures'), { signal }),
    staleTime: 5 * 60_000,
  })

/** Whether messages leave now. */
export const serviceStatusQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['service-status', schemeId],
    queryFn: ({ signal }) => call<ServiceStatus>(publicPath(schemeId, '/status'), { signal }),
    staleTime: 5000,
    refetchInterval: 10_000,
  })

/** The enrolment that this browser began; null: none. The server knows it by a cookie. */
export const ownEnrolmentQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['own-enrolment', schemeId],
    queryFn: async ({ signal }) =>
      (await call<OwnEnrolment>(publicPath(schemeId, '/enrolment'), { signal })).enrolment,
    staleTime: 30_000,
  })

export const publicPlacesQuery = (schemeId: string, q: string) =>
  queryOptions({
    queryKey: ['public-places', schemeId, q],
    queryFn: async ({ signal }) =>
      (
        await call<{ places: { code: string; name: string }[] }>(publicPath(schemeId, '/places'), {
          query: { q },
          signal,
        })
      ).places,
    enabled: q !== '',
    staleTime: 3_600_000,
    placeholderData: keepPreviousData,
  })

export function lookUp(schemeId: string, siret: string): Promise<BusinessLookup> {
  return call<BusinessLookup>(publicPath(schemeId, `/businesses/${encodeURIComponent(siret.trim())}`))
}

/** Sends a step. @returns the enrolment as it stands then */
export async function sendStep(
  schemeId: string,
  method: 'PUT' | 'POST' | 'DELETE',
  step: '' | '/business' | '/contact' | '/code' | '/confirm' | '/sign',
  body?: unknown,
): Promise<OwnEnrolmentView | null> {
  const { enrolment } = await call<OwnEnrolment>(publicPath(schemeId, `/enrolment${step}`), {
    method,
    ...(body === undefined ? {} : { body }),
  })
  return enrolment
}
