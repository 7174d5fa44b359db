import { z } from 'zod'
import { declareEndpoints } from '../platform/endpoints.ts'
import { Proposed } from '../settings/contract.ts'
import { DoctrineChange, DoctrineView, SchemeCode, SchemeView } from './contract.ts'

export const schemeEndpoints = declareEndpoints('schemes', {
  getScheme: {
    method: 'GET',
    path: '/api/schemes/:scheme',
    permission: 'scheme.read',
    summary: 'Get the name, settings and vocabulary of a scheme',
    params: z.object({ scheme: SchemeCode }),
    answer: SchemeView,
  },
  getDoctrineSettings: {
    method: 'GET',
    path: '/api/schemes/:scheme/doctrine',
    permission: 'doctrine.read',
    summary: 'Get the doctrine of a scheme (the conditions for sending an alert), and who set it last',
    params: z.object({ scheme: SchemeCode }),
    answer: DoctrineView,
  },
  setDoctrine: {
    method: 'PUT',
    path: '/api/schemes/:scheme/doctrine',
    permission: 'doctrine.set',
    summary:
      'Set the doctrine of a scheme (the conditions for sending an alert); absent settings keep their value',
    params: z.object({ scheme: SchemeCode }),
    body: DoctrineChange,
    answer: DoctrineView.extend({ proposed: Proposed }),
  },
})
