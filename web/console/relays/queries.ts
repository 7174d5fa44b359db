import { queryOptions } from '@tanstack/react-query'
import type { NeighbourList, RelayList, RelayQuery } from '../../../src/relays/contract.ts'
import { call, inScheme } from '../../api/client.ts'

const HOUR = 3_600_000

export const relaysQuery = (schemeId: string, filter: RelayQuery) =>
  queryOptions({
    queryKey: ['relays', schemeId, filter],
    queryFn: async ({ signal }) =>
      (await call<RelayList>(inScheme(schemeId, '/relays'), { query: { ...filter }, signal })).relays,
    // What the other scheme does with its alert comes by no live stream of ours.
    refetchInterval: 20_000,
  })

/** The other schemes, the nearest to these communes first. */
export const neighboursQuery = (schemeId: string, communes: readonly string[]) =>
  queryOptions({
    queryKey: ['neighbours', schemeId, communes],
    queryFn: async ({ signal }) =>
      (
        await call<NeighbourList>(inScheme(schemeId, '/neighbours'), {
          query: { communes: communes.join(',') },
          signal,
        })
      ).schemes,
    enabled: communes.length > 0,
    staleTime: HOUR,
  })
