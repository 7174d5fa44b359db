import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { searchPlaces } from '../territory/actions.ts'
import {
  confirmPhone,
  type EnrolmentKey,
  enterBusiness,
  enterContact,
  forgetEnrolment,
  getOwnEnrolment,
  getPublicScheme,
  lookUpBusiness,
  sendCodeAgain,
  signCharter,
} from './apply.ts'
import {
  BusinessLookup,
  BusinessStep,
  CharterStep,
  CodeStep,
  ContactStep,
  OwnEnrolment,
  PublicSchemeView,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const base = '/api/public/schemes/:scheme'
/** Each step is a few lines of input. */
const BODY_BYTES = 8 * 1024
/** Allows several browsers behind one address (a shopping centre), each with three steps. */
const MINUTE = 60_000
const limits = {
  read: { max: 120, timeWindow: MINUTE, groupId: 'enrolment-read' },
  lookup: { max: 30, timeWindow: MINUTE, groupId: 'enrolment-lookup' },
  step: { max: 40, timeWindow: MINUTE, groupId: 'enrolment-step' },
  code: { max: 20, timeWindow: MINUTE, groupId: 'enrolment-code' },
}
const COOKIE = 'tocsin.enrolment'
/** Long enough for the applicant to see the decision. */
const COOKIE_SECONDS = 30 * 86_400

type PublicDeps = Pick<
  Deps,
  'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'companies' | 'log' | 'config' | 'mailer'
>

/** Public endpoints to join a scheme. The key of an enrolment is in a cookie that scripts cannot read. */
export function publicEnrolmentRoutes(app: App, deps: PublicDeps): void {
  const step = (summary: string, rateLimit: (typeof limits)[keyof typeof limits] = limits.step) => ({
    config: { permission: 'public' as const, rateLimit },
    bodyLimit: BODY_BYTES,
    schema: { tags: ['public'], summary, params: InScheme, response: { 200: OwnEnrolment } },
  })

  app.get(
    base,
    {
      config: { permission: 'public', rateLimit: limits.read },
      schema: {
        tags: ['public'],
        summary: 'Public data of a scheme, and the charter to sign to join it',
        params: InScheme,
        response: { 200: PublicSchemeView },
      },
    },
    (request) => getPublicScheme(deps, request.params.scheme),
  )

  app.get(
    `${base}/places`,
    {
      config: { permission: 'public', rateLimit: limits.read },
      schema: {
        tags: ['public'],
        summary: 'Communes of the territory by name or postal code',
        params: InScheme,
        querystring: z.object({ q: z.string().max(100).default('') }),
        response: { 200: z.object({ places: z.array(z.object({ code: z.string(), name: z.string() })) }) },
      },
    },
    async (request) => {
      const { scheme: schemeId } = request.params
      const actor = { kind: 'system', name: 'public' } as const
      const found = await searchPlaces(deps, actor, { schemeId, text: request.query.q, limit: 8 })
      return { places: found.map(({ code, name }) => ({ code, name })) }
    },
  )

  app.get(
    `${base}/businesses/:siret`,
    {
      config: { permission: 'public', rateLimit: limits.lookup },
      schema: {
        tags: ['public'],
        summary: 'Look up a SIRET in the register of companies',
        params: InScheme.extend({ siret: z.string().max(40) }),
        response: { 200: BusinessLookup },
      },
    },
    (request) => lookUpBusiness(deps, request.params.scheme, request.params.siret),
  )

  app.get(
    `${base}/enrolment`,
    step('The enrolment started in this browser', limits.read),
    async (request) => {
      const { scheme } = request.params
      return { enrolment: (await getOwnEnrolment(deps, scheme, readKeyCookie(request))) ?? null }
    },
  )

  const business = step('First step: the business')
  app.put(
    `${base}/enrolment/business`,
    { ...business, schema: { ...business.schema, body: BusinessStep } },
    async (request, reply) => {
      const { scheme } = request.params
      const { enrolment, key } = await enterBusiness(deps, scheme, readKeyCookie(request), request.body)
      if (key !== undefined) keep(reply, scheme, key)
      return toOwnEnrolment(enrolment)
    },
  )

  const contact = step('Second step: the person, and the mobile to send a code to', limits.code)
  app.put(
    `${base}/enrolment/contact`,
    { ...contact, schema: { ...contact.schema, body: ContactStep } },
    async (request) => {
      const { scheme } = request.params
      const caller = { address: request.ip }
      return toOwnEnrolment(await enterContact(deps, caller, scheme, readKeyCookie(request), request.body))
    },
  )

  app.post(`${base}/enrolment/code`, step('Another code', limits.code), async (request) => {
    const { scheme } = request.params
    return toOwnEnrolment(await sendCodeAgain(deps, { address: request.ip }, scheme, readKeyCookie(request)))
  })

  const confirm = step('Confirm the mobile with the code', limits.code)
  app.post(
    `${base}/enrolment/confirm`,
    { ...confirm, schema: { ...confirm.schema, body: CodeStep } },
    async (request) => {
      const { scheme } = request.params
      return toOwnEnrolment(await confirmPhone(deps, scheme, readKeyCookie(request), request.body))
    },
  )

  const sign = step('Third step: sign the charter and submit the request')
  app.post(
    `${base}/enrolment/sign`,
    { ...sign, schema: { ...sign.schema, body: CharterStep } },
    async (request) => {
      const { scheme } = request.params
      return toOwnEnrolment(await signCharter(deps, scheme, readKeyCookie(request), request.body))
    },
  )

  app.delete(
    `${base}/enrolment`,
    step('Start again: deletes an enrolment that was not submitted'),
    async (request, reply) => {
      const { scheme } = request.params
      await forgetEnrolment(deps, scheme, readKeyCookie(request))
      reply.header('set-cookie', cookieOf(scheme, '', 0))
      return toOwnEnrolment(null)
    },
  )

  function keep(reply: FastifyReply, scheme: string, { id, token }: EnrolmentKey): void {
    reply.header('set-cookie', cookieOf(scheme, `${id}.${token}`, COOKIE_SECONDS))
  }

  function cookieOf(scheme: string, value: string, maxAge: number): string {
    const secure = deps.config.baseUrl?.startsWith('https:') === true ? '; Secure' : ''
    return `${COOKIE}=${value}; Path=/api/public/schemes/${scheme}/enrolment; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`
  }
}

function toOwnEnrolment(enrolment: OwnEnrolment['enrolment']): OwnEnrolment {
  return { enrolment }
}

/** Reads the key from the cookie, whose path is that of the scheme. Undefined if it is missing or invalid. */
function readKeyCookie(request: FastifyRequest): EnrolmentKey | undefined {
  const cookie = request.headers.cookie ?? ''
  const found =
    /(?:^|;\s*)tocsin\.enrolment=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([\w-]{20,64})(?:;|$)/.exec(
      cookie,
    )
  return found?.[1] === undefined || found[2] === undefined ? undefined : { id: found[1], token: found[2] }
}
