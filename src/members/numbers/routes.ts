import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { changesTo } from '../../platform/bodies.ts'
import type { App } from '../../platform/http.ts'
import { NumberSettings, SchemeCode } from '../../schemes/contract.ts'
import { MemberView } from '../contract.ts'
import { correctNumber, listNumbers } from './actions.ts'
import { NumberCorrection, NumberPage, NumberQuery } from './contract.ts'
import { getNumberSettings, setNumberSettings } from './reconfirm.ts'

const InScheme = z.object({ scheme: SchemeCode })

/** Endpoints of the numbers to review. */
export function numberRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>): void {
  app.get(
    '/api/schemes/:scheme/numbers',
    {
      config: { permission: 'number.read' },
      schema: {
        tags: ['members'],
        summary: 'List members with dead, doubtful, shared or missing numbers',
        params: InScheme,
        querystring: NumberQuery,
        response: { 200: NumberPage },
      },
    },
    ({ actor, params, query }) => listNumbers(deps, actor, params.scheme, query),
  )

  app.put(
    '/api/schemes/:scheme/members/:id/contacts/:contact/phone',
    {
      config: { permission: 'number.correct' },
      schema: {
        tags: ['members'],
        summary: 'Correct the number of a contact',
        params: InScheme.extend({ id: z.uuid(), contact: z.uuid() }),
        body: NumberCorrection,
        response: { 200: MemberView },
      },
    },
    ({ actor, params, body }) =>
      correctNumber(deps, actor, params.scheme, { member: params.id, contact: params.contact }, body),
  )

  app.get(
    '/api/schemes/:scheme/number-settings',
    {
      config: { permission: 'number.settings' },
      schema: {
        tags: ['members'],
        summary: 'Settings of the yearly question to numbers',
        params: InScheme,
        response: { 200: NumberSettings },
      },
    },
    ({ actor, params }) => getNumberSettings(deps, actor, params.scheme),
  )

  app.put(
    '/api/schemes/:scheme/number-settings',
    {
      config: { permission: 'number.settings' },
      schema: {
        tags: ['members'],
        summary: 'Set whether numbers are asked yearly, and how many a day',
        params: InScheme,
        body: changesTo(NumberSettings),
        response: { 200: NumberSettings },
      },
    },
    ({ actor, params, body }) => setNumberSettings(deps, actor, params.scheme, body),
  )
}
