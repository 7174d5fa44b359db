import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { changesTo } from '../platform/bodies.ts'
import type { App } from '../platform/http.ts'
import { EnrolmentSettings, SchemeCode } from '../schemes/contract.ts'
import { approveEnrolment, getEnrolment, listEnrolments, refuseEnrolment } from './approve.ts'
import {
  ApproveEnrolment,
  CharterList,
  CharterText,
  EnrolmentPage,
  EnrolmentQuery,
  EnrolmentView,
  NewCharter,
  RefuseEnrolment,
} from './contract.ts'
import { getCharter, listCharters, publishCharter } from './publish.ts'
import { getEnrolmentSettings, setEnrolmentSettings } from './settings.ts'

const InScheme = z.object({ scheme: SchemeCode })
const One = InScheme.extend({ id: z.uuid() })
const tags = ['enrolment']
const path = '/api/schemes/:scheme/enrolments'

/** Endpoints of requests to join, for the chamber and the trade chambers. */
export function enrolmentRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'mailer'>,
): void {
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
        summary: 'Refuse a request, with the reason sent to the applicant',
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
        summary: 'How businesses join the scheme',
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
        summary: 'Set how businesses join the scheme',
        params: InScheme,
        body: changesTo(EnrolmentSettings),
        response: { 200: EnrolmentSettings },
      },
    },
    (request) => setEnrolmentSettings(deps, request.actor, request.params.scheme, request.body),
  )
  const charters = '/api/schemes/:scheme/charters'
  app.get(
    charters,
    {
      config: { permission: 'enrolment.settings' },
      schema: {
        tags,
        summary: 'The charter in force and earlier versions, with their numbers of signatures',
        params: InScheme,
        response: { 200: CharterList },
      },
    },
    (request) => listCharters(deps, request.actor, request.params.scheme),
  )
  app.get(
    `${charters}/:version`,
    {
      config: { permission: 'enrolment.settings' },
      schema: {
        tags,
        summary: 'The text of one version of the charter',
        params: InScheme.extend({ version: z.coerce.number().int().min(1).max(2_147_483_647) }),
        response: { 200: CharterText },
      },
    },
    (request) => getCharter(deps, request.actor, request.params.scheme, request.params.version),
  )
  app.post(
    charters,
    {
      config: { permission: 'charter.publish' },
      schema: {
        tags,
        summary: 'Publish a new version of the charter, signed by new applicants from then on',
        params: InScheme,
        body: NewCharter,
        response: { 200: CharterList },
      },
    },
    (request) => publishCharter(deps, request.actor, request.params.scheme, request.body),
  )
}
