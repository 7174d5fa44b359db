import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { findCaller, getMember, listMemberAccesses, listMembers } from './actions.ts'
import {
  CallerMatch,
  CallerQuery,
  ContactSmsChoice,
  MemberAccesses,
  MemberPage,
  MemberQuery,
  MemberView,
  QuietHoursChoice,
} from './contract.ts'
import { setContactSms } from './opt-out.ts'
import { setQuietHours } from './quiet-hours.ts'

const InScheme = z.object({ scheme: SchemeCode })

export function memberRoutes(
  app: App,
  deps: Pick<Deps, 'database' | 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>,
): void {
  app.get(
    '/api/schemes/:scheme/members',
    {
      config: { permission: 'member.read' },
      schema: { params: InScheme, querystring: MemberQuery, response: { 200: MemberPage } },
    },
    (request) => listMembers(deps, request.actor, request.params.scheme, request.query),
  )

  app.get(
    '/api/schemes/:scheme/members/:id',
    {
      config: { permission: 'member.read' },
      schema: { params: InScheme.extend({ id: z.uuid() }), response: { 200: MemberView } },
    },
    (request) => getMember(deps, request.actor, request.params.scheme, request.params.id),
  )

  app.get(
    '/api/schemes/:scheme/members/:id/looks',
    {
      config: { permission: 'member.looks' },
      schema: {
        tags: ['members'],
        summary: 'List who accessed a member’s data',
        params: InScheme.extend({ id: z.uuid() }),
        response: { 200: MemberAccesses },
      },
    },
    (request) => listMemberAccesses(deps, request.actor, request.params.scheme, request.params.id),
  )

  app.put(
    '/api/schemes/:scheme/members/:id/quiet-hours',
    {
      config: { permission: 'member.care' },
      schema: {
        tags: ['members'],
        summary: 'Set the quiet hours of a member',
        params: InScheme.extend({ id: z.uuid() }),
        body: QuietHoursChoice,
        response: { 200: MemberView },
      },
    },
    (request) => setQuietHours(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )

  app.put(
    '/api/schemes/:scheme/members/:id/contacts/:contact/sms',
    {
      config: { permission: 'member.care' },
      schema: {
        tags: ['members'],
        summary: 'Turn alerts by SMS on or off for a contact',
        params: InScheme.extend({ id: z.uuid(), contact: z.uuid() }),
        body: ContactSmsChoice,
        response: { 200: MemberView },
      },
    },
    ({ actor, params, body }) =>
      setContactSms(deps, actor, params.scheme, { member: params.id, contact: params.contact }, body),
  )

  app.get(
    '/api/schemes/:scheme/callers',
    {
      config: { permission: 'caller.find' },
      schema: { params: InScheme, querystring: CallerQuery, response: { 200: z.array(CallerMatch) } },
    },
    (request) => findCaller(deps, request.actor, request.params.scheme, request.query.q),
  )
}
