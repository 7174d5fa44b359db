import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type {
  UploadRowPage,
  UploadRowQuery,
  UploadSummary,
  UploadView,
} from '../../../src/imports/uploads/contract.ts'
import { call, inScheme } from '../../api/client.ts'

/** What one has begun to import. */
export const uploadsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['uploads', schemeId],
    queryFn: ({ signal }) => call<UploadSummary[]>(inScheme(schemeId, '/member-imports'), { signal }),
  })

export const uploadQuery = (schemeId: string, id: string) =>
  queryOptions({
    queryKey: ['upload', schemeId, id],
    queryFn: ({ signal }) => call<UploadView>(inScheme(schemeId, `/member-imports/${id}`), { signal }),
  })

/** Its rows that are wrong, or left out, as the last check found them. */
export const uploadRowsQuery = (schemeId: string, id: string, which: UploadRowQuery['which']) =>
  infiniteQueryOptions({
    queryKey: ['upload-rows', schemeId, id, which],
    queryFn: ({ signal, pageParam }) =>
      call<UploadRowPage>(inScheme(schemeId, `/member-imports/${id}/rows`), {
        query: { which, after: pageParam },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next,
  })
