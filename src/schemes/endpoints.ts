import { z } from 'zod'
import { declareEndpoints } from '../platform/endpoints.ts'
import { DoctrineChange, DoctrineView, SchemeCode, SchemeView } from './contract.ts'

export const schemeEndpoints = declareEndpoints('schemes', {
  getScheme: {
    method: 'GET',
    path: '/api/schemes/:scheme',
    permission: 'scheme.read',
    summary: 'Name, settings and vocabulary of a scheme',
    params: z.object({ scheme: SchemeCode }),
    answer: SchemeView,
  },
  getDoctrineSettings: {
    method: 'GET',
    path: '/api/schemes/:scheme/doctrine',
    permission: 'doctrine.read',
    summary: 'The conditions that an alert must meet before it is sent, and who set them last',
    params: z.object({ scheme: SchemeCode }),
    answer: DoctrineView,
  },
  setDoctrine: {
    method: 'PUT',
    path: '/api/schemes/:scheme/doctrine',
    permission: 'doctrine.set',
    summary: 'Set the conditions that an alert must meet before it is sent; absent settings keep their value',
    params: z.object({ scheme: SchemeCode }),
    body: DoctrineChange,
    answer: DoctrineView,
  },
})
