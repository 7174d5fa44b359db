import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { Proposed } from '../../settings/contract.ts'
import { NewObserver, ObserverList, ObserverView } from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })
const Observers = z.object({ observers: z.array(ObserverView) })
const Saved = Observers.extend({ proposed: Proposed })

export const observerEndpoints = declareEndpoints('alerts', {
  getObservers: {
    method: 'GET',
    path: '/api/schemes/:scheme/observers',
    permission: 'observer.manage',
    summary: 'List the observers: State services that receive a copy of every message',
    params: InScheme,
    answer: Observers,
  },
  setObservers: {
    method: 'PUT',
    path: '/api/schemes/:scheme/observers',
    permission: 'observer.manage',
    needsFactor: true,
    summary: 'Replace the list of observers; messages already ordered keep theirs',
    params: InScheme,
    body: ObserverList,
    answer: Saved,
  },
  addObserver: {
    method: 'POST',
    path: '/api/schemes/:scheme/observers',
    permission: 'observer.manage',
    needsFactor: true,
    summary: 'Add an observer; messages already ordered are not copied to it',
    params: InScheme,
    body: NewObserver,
    answer: Saved,
  },
  removeObserver: {
    method: 'DELETE',
    path: '/api/schemes/:scheme/observers/:id',
    permission: 'observer.manage',
    needsFactor: true,
    summary: 'Remove an observer; messages already ordered are still copied to it',
    params: InScheme.extend({ id: z.uuid() }),
    answer: Observers,
  },
})
