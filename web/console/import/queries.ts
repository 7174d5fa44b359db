import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { UploadRowQuery } from '../../../src/imports/uploads/contract.ts'
import { callApi } from '../../api/client.ts'

/** The imports of the user in the last day. */
export const uploadsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['uploads', schemeId],
    queryFn: ({ signal }) => callApi('listUploads', { params: { scheme: schemeId }, signal }),
  })

export const uploadQuery = (schemeId: string, id: string) =>
  queryOptions({
    queryKey: ['upload', schemeId, id],
    queryFn: ({ signal }) => callApi('getUpload', { params: { scheme: schemeId, id }, signal }),
  })

/** The communes and trades that the last check did not understand, or read by an answer. */
export const uploadCellsQuery = (schemeId: string, id: string) =>
  queryOptions({
    queryKey: ['upload-cells', schemeId, id],
    queryFn: ({ signal }) => callApi('listUploadCells', { params: { scheme: schemeId, id }, signal }),
  })

/** Preview of the messages to the members that an import added. */
export const welcomeQuery = (schemeId: string, changeId: string) =>
  queryOptions({
    queryKey: ['welcome', schemeId, changeId],
    queryFn: ({ signal }) =>
      callApi('previewWelcome', { params: { scheme: schemeId, id: changeId }, signal }),
  })

/** The rows with errors or left out, as of the last check. */
export const uploadRowsQuery = (schemeId: string, id: string, which: UploadRowQuery['which']) =>
  infiniteQueryOptions({
    queryKey: ['upload-rows', schemeId, id, which],
    queryFn: ({ signal, pageParam }) =>
      callApi('listUploadRows', {
        params: { scheme: schemeId, id },
        query: { which, after: pageParam },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next,
  })
