import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { MemberCheck } from '../../../../src/imports/by-hand/contract.ts'
import { callApi } from '../../../api/client.ts'

/** Finds businesses of the register, by SIRET or words of a name. */
export const registerQuery = (schemeId: string, q: string) =>
  queryOptions({
    queryKey: ['register', schemeId, q],
    queryFn: ({ signal }) =>
      callApi('searchRegister', { params: { scheme: schemeId }, query: { q }, signal }),
    enabled: q.length >= 3,
    staleTime: 600_000,
    retry: false,
  })

/** Finds possible duplicates of the business being typed. */
export const checkQuery = (schemeId: string, body: MemberCheck, isWanted: boolean) =>
  queryOptions({
    queryKey: ['member-check', schemeId, body],
    queryFn: ({ signal }) => callApi('checkMember', { params: { scheme: schemeId }, body, signal }),
    enabled: isWanted,
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  })
