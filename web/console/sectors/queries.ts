import { queryOptions } from '@tanstack/react-query'
import type { SectorsView } from '../../../src/schemes/sectors/contract.ts'
import { call, inScheme } from '../../api/client.ts'

export const sectorsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['sectors', schemeId],
    queryFn: ({ signal }) => call<SectorsView>(inScheme(schemeId, '/sectors'), { signal }),
  })
