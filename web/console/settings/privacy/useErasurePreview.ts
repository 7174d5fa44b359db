import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { AnswerDataRequest, DataRequestView } from '../../../../src/privacy/requests/contract.ts'
import { callApi } from '../../../api/client.ts'

/** The choice of the user; empty: the request says who is erased. */
export type ErasureChoice = Pick<AnswerDataRequest, 'erase' | 'contacts'>

/** Reads whom and what granting an erasure request would erase, by the choice of the user. */
export function useErasurePreview(
  schemeId: string,
  request: DataRequestView,
  { choice, isAsked }: { readonly choice: ErasureChoice; readonly isAsked: boolean },
) {
  const { erase, contacts = [] } = choice
  return useQuery({
    queryKey: ['erasure', schemeId, request.id, erase, contacts],
    queryFn: ({ signal }) =>
      callApi('previewErasure', {
        params: { scheme: schemeId, id: request.id },
        query: { erase, contacts: contacts.join(',') },
        signal,
      }),
    enabled: isAsked,
    // The counts change with every delivery and import.
    gcTime: 0,
    placeholderData: keepPreviousData,
  })
}
