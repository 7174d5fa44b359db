import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { addObserver, getObservers, removeObserver, setObservers } from './actions.ts'
import { NewObserver, ObserverList, ObserverView } from './contract.ts'

export function observerRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId'>, prefix: string): void {
  const tags = ['alerts']
  const params = z.object({ scheme: z.string().max(64) })
  const response = { 200: z.object({ observers: z.array(ObserverView) }) }

  app.get(
    `${prefix}/observers`,
    {
      config: { permission: 'observer.manage' },
      schema: { tags, summary: 'Services of the State that get a copy of every message', params, response },
    },
    (request) => getObservers(deps, request.actor, request.params.scheme),
  )

  app.put(
    `${prefix}/observers`,
    {
      config: { permission: 'observer.manage' },
      schema: { tags, summary: 'Say who gets a copy from now on', params, body: ObserverList, response },
    },
    (request) => setObservers(deps, request.actor, request.params.scheme, request.body),
  )

  app.post(
    `${prefix}/observers`,
    {
      config: { permission: 'observer.manage' },
      schema: { tags, summary: 'One more who gets a copy from now on', params, body: NewObserver, response },
    },
    (request) => addObserver(deps, request.actor, request.params.scheme, request.body),
  )

  app.delete(
    `${prefix}/observers/:id`,
    {
      config: { permission: 'observer.manage' },
      schema: {
        tags,
        summary: 'One who gets no copy of what is ordered from now on',
        params: params.extend({ id: z.uuid() }),
        response,
      },
    },
    (request) => removeObserver(deps, request.actor, request.params.scheme, request.params.id),
  )
}
