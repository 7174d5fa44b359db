import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { EnrolmentSettings, SchemeCode } from '../../schemes/contract.ts'
import { approveEnrolment, getEnrolment, listEnrolments, refuseEnrolment } from './approve.ts'
import {
  ApproveEnrolment,
  EnrolmentPage,
  EnrolmentQuery,
  EnrolmentView,
  RefuseEnrolment,
} from './contract.ts'
import { getEnrolmentSettings, setEnrolmentSettings } from './settings.ts'

const InScheme = z.object({ scheme: SchemeCode })
const One = InScheme.extend({ id: z.uuid() })
const tags = ['enrolment']
const path = '/api/schemes/:scheme/enrolments'

/** Requests to join, for the chamber and the trade chambers. */
export function enrolmentRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs'>): void {
  app.get(
    path,
    {
      config: { permission: 'enrolment.read' },
      schema: {
        tags,
        summary: 'Requests to join',
        params: InScheme,
        querystring: EnrolmentQuery,
        response: { 200: EnrolmentPage },
      },
    },
    (request) => listEnrolments(deps, request.actor, request.params.scheme, request.query),
  )
  app.get(
    `${path}/:id`,
    {
      config: { permission: 'enrolment.read' },
      schema: { tags, summary: 'One request to join', params: One, response: { 200: EnrolmentView } },
    },
    (request) => getEnrolment(deps, request.actor, request.params.scheme, request.params.id),
  )
  app.post(
    `${path}/:id/approve`,
    {
      config: { permission: 'enrolment.decide' },
      schema: {
        tags,
        summary: 'Approve a request: its business becomes a member',
        params: One,
        body: ApproveEnrolment,
        response: { 200: EnrolmentView },
      },
    },
    (request) =>
      approveEnrolment(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )
  app.post(
    `${path}/:id/refuse`,
    {
      config: { permission: 'enrolment.decide' },
      schema: {
        tags,
        summary: 'Refuse a request, with a reason that is told',
        params: One,
        body: RefuseEnrolment,
        response: { 200: EnrolmentView },
      },
    },
    (request) => refuseEnrolment(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )
  app.get(
    '/api/schemes/:scheme/enrolment-settings',
    {
      config: { permission: 'enrolment.settings' },
      schema: {
        tags,
        summary: 'How one joins the scheme',
        params: InScheme,
        response: { 200: EnrolmentSettings },
      },
    },
    (request) => getEnrolmentSettings(deps, request.actor, request.params.scheme),
  )
  app.put(
    '/api/schemes/:scheme/enrolment-settings',
    {
      config: { permission: 'enrolment.settings' },
      schema: {
        tags,
        summary: 'Set how one joins the scheme',
        params: InScheme,
        body: EnrolmentSettings,
        response: { 200: EnrolmentSettings },
      },
    },
    (request) => setEnrolmentSettings(deps, request.actor, request.params.scheme, request.body),
  )
}
