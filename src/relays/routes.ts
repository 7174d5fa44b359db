import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import {
  acceptRelay,
  declineRelay,
  getNeighbours,
  listRelays,
  proposeRelay,
  withdrawRelay,
} from './actions.ts'
import {
  AcceptRelay,
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

export function relayRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>): void {
  const prefix = '/api/schemes/:scheme'
  const tags = ['relays']

  app.get(
    `${prefix}/neighbours`,
    {
      config: { permission: 'relay.read' },
      schema: {
        tags,
        summary: 'Schemes near some places',
        params: InScheme,
        querystring: NeighbourQuery,
        response: { 200: NeighbourList },
      },
    },
    ({ actor, params, query }) => getNeighbours(deps, actor, params.scheme, query.communes),
  )

  app.get(
    `${prefix}/relays`,
    {
      config: { permission: 'relay.read' },
      schema: {
        tags,
        summary: 'Relays proposed and received by the scheme, latest first',
        params: InScheme,
        querystring: RelayQuery,
        response: { 200: RelayList },
      },
    },
    ({ actor, params, query }) => listRelays(deps, actor, params.scheme, query),
  )

  app.post(
    `${prefix}/alerts/:id/relay`,
    {
      config: { permission: 'relay.propose' },
      schema: {
        tags,
        summary: 'Propose an alert to other schemes',
        params: One,
        body: NewRelay,
        response: { 200: RelayList },
      },
    },
    ({ actor, params, body }) => proposeRelay(deps, actor, params.scheme, params.id, body),
  )

  app.post(
    `${prefix}/relays/:id/accept`,
    {
      config: { permission: 'relay.decide' },
      schema: {
        tags,
        summary: 'Accept a relay: creates a report and a draft to adapt',
        params: One,
        body: AcceptRelay,
        response: { 200: RelayView },
      },
    },
    ({ actor, params, body }) => acceptRelay(deps, actor, params.scheme, params.id, body),
  )

  app.post(
    `${prefix}/relays/:id/decline`,
    {
      config: { permission: 'relay.decide' },
      schema: {
        tags,
        summary: 'Decline a relay, with the reason',
        params: One,
        body: DeclineRelay,
        response: { 200: RelayView },
      },
    },
    ({ actor, params, body }) => declineRelay(deps, actor, params.scheme, params.id, body),
  )

  app.post(
    `${prefix}/relays/:id/withdraw`,
    {
      config: { permission: 'relay.propose' },
      schema: {
        tags,
        summary: 'Withdraw a relay that is not decided yet',
        params: One,
        response: { 200: RelayView },
      },
    },
    ({ actor, params }) => withdrawRelay(deps, actor, params.scheme, params.id),
  )
}
