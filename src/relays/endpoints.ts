import { z } from 'zod'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import {
  AcceptRelay,
  CrossedList,
  CrossedQuery,
  DeclineRelay,
  NeighbourList,
  NeighbourQuery,
  NewRelay,
  RelayList,
  RelayQuery,
  RelayView,
} from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })
const One = InScheme.extend({ id: z.uuid() })

export const relayEndpoints = declareEndpoints('relays', {
  listNeighbours: {
    method: 'GET',
    path: '/api/schemes/:scheme/neighbours',
    permission: 'relay.read',
    summary: 'List the schemes near some places',
    params: InScheme,
    query: NeighbourQuery,
    answer: NeighbourList,
  },
  listCrossed: {
    method: 'POST',
    path: '/api/schemes/:scheme/neighbours/crossed',
    permission: 'relay.read',
    summary: 'List the other schemes into which an area crosses',
    params: InScheme,
    body: CrossedQuery,
    answer: CrossedList,
  },
  listRelays: {
    method: 'GET',
    path: '/api/schemes/:scheme/relays',
    permission: 'relay.read',
    summary: 'List the relays proposed and received by the scheme, latest first',
    params: InScheme,
    query: RelayQuery,
    answer: RelayList,
  },
  proposeRelay: {
    method: 'POST',
    path: '/api/schemes/:scheme/alerts/:id/relay',
    permission: 'relay.propose',
    summary: 'Propose an alert to other schemes',
    params: One,
    body: NewRelay,
    answer: RelayList,
  },
  acceptRelay: {
    method: 'POST',
    path: '/api/schemes/:scheme/relays/:id/accept',
    permission: 'relay.decide',
    summary: 'Accept a relay: creates a report and a draft to adapt',
    params: One,
    body: AcceptRelay,
    answer: RelayView,
  },
  declineRelay: {
    method: 'POST',
    path: '/api/schemes/:scheme/relays/:id/decline',
    permission: 'relay.decide',
    summary: 'Decline a relay, with the reason',
    params: One,
    body: DeclineRelay,
    answer: RelayView,
  },
  withdrawRelay: {
    method: 'POST',
    path: '/api/schemes/:scheme/relays/:id/withdraw',
    permission: 'relay.propose',
    summary: 'Withdraw a relay that is not decided yet',
    params: One,
    answer: RelayView,
  },
})
