import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { DuesFacet } from '../../../src/dues/contract.ts'
import { callApi } from '../../api/client.ts'

interface DuesFilter {
  readonly year?: number | undefined
  readonly facet?: DuesFacet | undefined
  readonly q?: string | undefined
  readonly trade?: string | undefined
  readonly sort?: 'name' | 'age' | undefined
}

export const duesQuery = (schemeId: string, filter: DuesFilter) =>
  infiniteQueryOptions({
    queryKey: ['dues', schemeId, filter],
    queryFn: ({ signal, pageParam }) =>
      callApi('listDues', { params: { scheme: schemeId }, query: { ...filter, after: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })

export const accountingQuery = (schemeId: string, year: number | undefined) =>
  queryOptions({
    queryKey: ['dues-accounting', schemeId, year],
    queryFn: ({ signal }) =>
      callApi('getAccounting', { params: { scheme: schemeId }, query: { year }, signal }),
    placeholderData: keepPreviousData,
    // An export is a download, of which the page hears nothing.
    refetchInterval: 15_000,
  })

/** The letters that would be printed, and those without a postal code. */
export const lettersQuery = (schemeId: string, who: 'owing' | 'late' | 'no_mail', isWanted: boolean) =>
  queryOptions({
    queryKey: ['dues-letters', schemeId, who],
    queryFn: ({ signal }) =>
      callApi('countLetters', { params: { scheme: schemeId }, query: { who }, signal }),
    enabled: isWanted,
  })

/** The letter of one member, counted where its address has no postal code or is cut. */
export const memberLetterQuery = (schemeId: string, memberId: string) =>
  queryOptions({
    queryKey: ['dues-letters', schemeId, 'member', memberId],
    queryFn: ({ signal }) =>
      callApi('countLetters', {
        params: { scheme: schemeId },
        query: { who: 'owing', member: memberId },
        signal,
      }),
  })

export const memberDuesQuery = (schemeId: string, memberId: string) =>
  queryOptions({
    queryKey: ['member-dues', schemeId, memberId],
    queryFn: ({ signal }) => callApi('getMemberDues', { params: { scheme: schemeId, id: memberId }, signal }),
  })

export const duesSettingsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['dues-settings', schemeId],
    queryFn: ({ signal }) => callApi('getDuesSettings', { params: { scheme: schemeId }, signal }),
  })

/** @param collectOn day of the debits to be counted; absent: the earliest possible day */
export const debitsQuery = (schemeId: string, collectOn?: string) =>
  queryOptions({
    queryKey: ['debits', schemeId, 'on', collectOn],
    queryFn: ({ signal }) =>
      callApi('getDebits', { params: { scheme: schemeId }, query: { collectOn }, signal }),
    placeholderData: keepPreviousData,
  })

export const debitFileQuery = (schemeId: string, id: string) =>
  queryOptions({
    queryKey: ['debits', schemeId, id],
    queryFn: ({ signal }) => callApi('getDebitFile', { params: { scheme: schemeId, file: id }, signal }),
  })

export const statementsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['statements', schemeId],
    queryFn: ({ signal }) => callApi('listStatements', { params: { scheme: schemeId }, signal }),
  })

export const statementQuery = (schemeId: string, id: string) =>
  queryOptions({
    queryKey: ['statement', schemeId, id],
    queryFn: ({ signal }) => callApi('getStatement', { params: { scheme: schemeId, statement: id }, signal }),
  })

export const batchesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['payment-batches', schemeId],
    queryFn: ({ signal }) => callApi('listPaymentBatches', { params: { scheme: schemeId }, signal }),
  })

export const depositsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['deposits', schemeId],
    queryFn: ({ signal }) => callApi('listDeposits', { params: { scheme: schemeId }, signal }),
  })

/** Finds members by payment reference or name, or reads the given ones. */
export const findPayers = (schemeId: string, query: { readonly q?: string; readonly ids?: string }) =>
  callApi('findPayers', { params: { scheme: schemeId }, query })

/** Members found by name, commune, number or SIRET. */
export const payersQuery = (schemeId: string, q: string) =>
  queryOptions({
    queryKey: ['payers', schemeId, q],
    queryFn: ({ signal }) =>
      callApi('listMembers', { params: { scheme: schemeId }, query: { q, limit: 6 }, signal }),
  })
