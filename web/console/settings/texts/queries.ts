import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../../api/client.ts'

/** The categories with their texts, also those out of use. */
export const categoriesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['categories', schemeId],
    queryFn: ({ signal }) => callApi('listCategories', { params: { scheme: schemeId }, signal }),
  })

/** The texts of service SMS of the scheme, and the standard ones. */
export const serviceTextsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['service-texts', schemeId],
    queryFn: ({ signal }) => callApi('getServiceTexts', { params: { scheme: schemeId }, signal }),
  })
