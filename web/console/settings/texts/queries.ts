import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../../api/client.ts'

/** The categories with their texts, also those out of use. */
export const categoriesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['categories', schemeId],
    queryFn: ({ signal }) => callApi('listCategories', { params: { scheme: schemeId }, signal }),
  })
