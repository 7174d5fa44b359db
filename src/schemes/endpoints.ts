import { z } from 'zod'
import { changesTo } from '../platform/http/bodies.ts'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { ChangeReason, Proposed } from '../settings/contract.ts'
import {
  AccessSettings,
  DoctrineChange,
  DoctrineView,
  SchemeCode,
  SchemeGeneral,
  SchemeGeneralChange,
  SchemeView,
  ServiceTexts,
  ServiceTextsView,
} from './contract.ts'
import { InstallationSchemes, NewScheme, SchemeCreation } from './file/contract.ts'

export const schemeEndpoints = declareEndpoints('schemes', {
  getScheme: {
    method: 'GET',
    path: '/api/schemes/:scheme',
    permission: 'scheme.read',
    summary: 'Get the name, settings and vocabulary of a scheme',
    params: z.object({ scheme: SchemeCode }),
    answer: SchemeView,
  },
  listAllSchemes: {
    method: 'GET',
    path: '/api/installation/schemes',
    permission: 'scheme.create',
    summary: 'List every scheme of the installation, and the ready-made ones',
    answer: InstallationSchemes,
  },
  createScheme: {
    method: 'POST',
    path: '/api/installation/schemes',
    permission: 'scheme.create',
    needsFactor: true,
    summary: 'Create a scheme from a file, or from a copy that the file changes; or check it only',
    body: NewScheme,
    answer: SchemeCreation,
    bodyLimit: 2 * 1024 * 1024,
    rateLimit: { max: 60, timeWindow: 60_000, groupId: 'createScheme' },
  },
  exportSchemeFile: {
    method: 'GET',
    path: '/api/schemes/:scheme/file',
    permission: 'scheme.export',
    summary: 'Export a scheme as a file from which another one is created (docs/scheme-file.md)',
    params: z.object({ scheme: SchemeCode }),
    produces: 'application/json',
  },
  setSchemeGeneral: {
    method: 'PUT',
    path: '/api/schemes/:scheme/general',
    permission: 'doctrine.set',
    needsFactor: true,
    summary:
      'Set the name, sender name, closing advice, time zone, lifetime of alerts and SMS price; absent ones keep their value',
    params: z.object({ scheme: SchemeCode }),
    body: SchemeGeneralChange,
    answer: SchemeGeneral.extend({ proposed: Proposed }),
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
    needsFactor: true,
    summary:
      'Set the doctrine of a scheme (the conditions for sending an alert); absent settings keep their value',
    params: z.object({ scheme: SchemeCode }),
    body: DoctrineChange,
    answer: DoctrineView.extend({ proposed: Proposed }),
  },
  getServiceTexts: {
    method: 'GET',
    path: '/api/schemes/:scheme/texts',
    permission: 'doctrine.set',
    summary: 'Get the texts of SMS of service that the scheme writes itself, and the standard ones',
    params: z.object({ scheme: SchemeCode }),
    answer: ServiceTextsView,
  },
  setServiceTexts: {
    method: 'PUT',
    path: '/api/schemes/:scheme/texts',
    permission: 'doctrine.set',
    needsFactor: true,
    summary:
      'Propose texts of SMS of service in place of the standard ones; an empty one is the standard text',
    params: z.object({ scheme: SchemeCode }),
    body: changesTo(ServiceTexts.extend({ reason: ChangeReason.optional() })),
    answer: ServiceTexts.extend({ proposed: Proposed }),
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
    needsFactor: true,
    summary: 'Set which sign-in each role needs, and the organisations of the agencies',
    params: z.object({ scheme: SchemeCode }),
    body: changesTo(AccessSettings.extend({ reason: ChangeReason.optional() })),
    answer: AccessSettings.extend({ proposed: Proposed }),
  },
})
