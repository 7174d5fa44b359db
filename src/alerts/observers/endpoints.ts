import { z } from 'zod'
import { declareEndpoints } from '../../platform/endpoints.ts'
import { NewObserver, ObserverList, ObserverView } from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })
const Observers = z.object({ observers: z.array(ObserverView) })

export const observerEndpoints = declareEndpoints('alerts', {
  getObservers: {
    method: 'GET',
    path: '/api/schemes/:scheme/observers',
    permission: 'observer.manage',
    summary: 'Services of the State that get a copy of every message',
    params: InScheme,
    answer: Observers,
  },
  setObservers: {
    method: 'PUT',
    path: '/api/schemes/:scheme/observers',
    permission: 'observer.manage',
    summary: 'Say who gets a copy from now on',
    params: InScheme,
    body: ObserverList,
    answer: Observers,
  },
  addObserver: {
    method: 'POST',
    path: '/api/schemes/:scheme/observers',
    permission: 'observer.manage',
    summary: 'One more who gets a copy from now on',
    params: InScheme,
    body: NewObserver,
    answer: Observers,
  },
  removeObserver: {
    method: 'DELETE',
    path: '/api/schemes/:scheme/observers/:id',
    permission: 'observer.manage',
    summary: 'One who gets no copy of what is ordered from now on',
    params: InScheme.extend({ id: z.uuid() }),
    answer: Observers,
  },
})
