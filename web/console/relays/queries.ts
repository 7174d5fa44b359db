import { queryOptions } from '@tanstack/react-query'
import { HOUR_MS } from '../../../src/message/clock.ts'
import type { RelayQuery } from '../../../src/relays/contract.ts'
import type { Area } from '../../../src/territory/contract.ts'
import { callApi } from '../../api/client.ts'
import { afterShown } from '../../ui/loading/afterShown.ts'

export const relaysQuery = (schemeId: string, filter: RelayQuery) =>
  queryOptions({
    queryKey: ['relays', schemeId, filter],
    queryFn: async ({ signal }) =>
      (
        await afterShown(() =>
          callApi('listRelays', { params: { scheme: schemeId }, query: { ...filter }, signal }),
        )
      ).relays,
    // The other scheme's actions on its alert are not in this scheme's live stream.
    refetchInterval: 20_000,
  })

/** The other schemes into which an area crosses. */
export const crossedQuery = (schemeId: string, area: Area) =>
  queryOptions({
    queryKey: ['crossed', schemeId, area],
    queryFn: async ({ signal }) =>
      (await callApi('listCrossed', { params: { scheme: schemeId }, body: { area }, signal })).schemes,
    staleTime: HOUR_MS,
  })

/** The other schemes, sorted by distance from these communes. */
export const neighboursQuery = (schemeId: string, communes: readonly string[]) =>
  queryOptions({
    queryKey: ['neighbours', schemeId, communes],
    queryFn: async ({ signal }) =>
      (
        await callApi('listNeighbours', {
          params: { scheme: schemeId },
          query: { communes: communes.join(',') },
          signal,
        })
      ).schemes,
    enabled: communes.length > 0,
    staleTime: HOUR_MS,
  })
