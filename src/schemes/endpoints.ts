import { z } from 'zod'
import { changesTo } from '../platform/bodies.ts'
import { declareEndpoints } from '../platform/endpoints.ts'
import { ChangeReason, Proposed } from '../settings/contract.ts'
import { AccessSettings, DoctrineChange, DoctrineView, SchemeCode, SchemeView } from './contract.ts'

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
  getAccessSettings: {
    method: 'GET',
    path: '/api/schemes/:scheme/access',
    permission: 'access.set',
    summary: 'Get which sign-in each role needs, and the organisations of the agencies',
    params: z.object({ scheme: SchemeCode }),
    answer: AccessSettings,
  },
  setAccessSettings: {
    method: 'PUT',
    path: '/api/schemes/:scheme/access',
    permission: 'access.set',
    summary: 'Set which sign-in each role needs, and the organisations of the agencies',
    params: z.object({ scheme: SchemeCode }),
    body: changesTo(AccessSettings.extend({ reason: ChangeReason.optional() })),
    answer: AccessSettings.extend({ proposed: Proposed }),
  },
})
