import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../deps.ts'
import { cookieLine, readCookie } from '../platform/http/cookies.ts'
import { type App, addEndpoint, langOfRequest } from '../platform/http/http.ts'
import { searchPlaces } from '../territory/actions.ts'
import {
  confirmPhone,
  type EnrolmentKey,
  enterBusiness,
  enterContact,
  forgetEnrolment,
  getOwnEnrolment,
  getPublicScheme,
  sendCodeAgain,
  signCharter,
} from './apply.ts'
import type { OwnEnrolment } from './contract.ts'
import { publicEnrolmentEndpoints } from './endpoints.ts'
import { lookUpBusiness, searchBusinesses, searchTrades } from './lookup.ts'

/** The key of the enrolment of one scheme. */
export const cookieOf = (scheme: string) => ({
  name: 'tocsin.enrolment',
  path: `/api/public/schemes/${scheme}/enrolment`,
  suffix: scheme,
})
/** Long enough for the applicant to see the decision. */
const COOKIE_SECONDS = 30 * 86_400

type PublicDeps = Pick<
  Deps,
  'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'companies' | 'log' | 'config' | 'mailer'
>

/** Public endpoints to join a scheme. The key of an enrolment is in a cookie that scripts cannot read. */
export function publicEnrolmentRoutes(app: App, deps: PublicDeps): void {
  addEndpoint(app, publicEnrolmentEndpoints.getPublicScheme, (request) =>
    getPublicScheme(deps, request.params.scheme),
  )

  addEndpoint(app, publicEnrolmentEndpoints.searchPublicPlaces, async (request) => {
    const { scheme: schemeId } = request.params
    const actor = { kind: 'system', name: 'public' } as const
    const found = await searchPlaces(deps, actor, { schemeId, text: request.query.q, limit: 8 })
    return { places: found.map(({ code, name }) => ({ code, name })) }
  })

  addEndpoint(app, publicEnrolmentEndpoints.searchPublicTrades, ({ params, query }) =>
    searchTrades(deps, params.scheme, query.q),
  )

  addEndpoint(app, publicEnrolmentEndpoints.searchBusinesses, ({ params, query }) =>
    searchBusinesses(deps, params.scheme, query),
  )

  addEndpoint(app, publicEnrolmentEndpoints.lookUpBusiness, (request) =>
    lookUpBusiness(deps, request.params.scheme, request.params.siret),
  )

  addEndpoint(app, publicEnrolmentEndpoints.getOwnEnrolment, async (request) => {
    const { scheme } = request.params
    return { enrolment: (await getOwnEnrolment(deps, scheme, readKeyCookie(scheme, request))) ?? null }
  })
  addEndpoint(app, publicEnrolmentEndpoints.enterBusiness, async (request, reply) => {
    const { scheme } = request.params
    const { enrolment, key } = await enterBusiness(
      deps,
      scheme,
      readKeyCookie(scheme, request),
      request.body,
      langOfRequest(request),
    )
    if (key !== undefined) keep(reply, scheme, key)
    return toOwnEnrolment(enrolment)
  })
  addEndpoint(app, publicEnrolmentEndpoints.enterContact, async (request) => {
    const { scheme } = request.params
    const caller = { address: request.ip, lang: langOfRequest(request) }
    return toOwnEnrolment(
      await enterContact(deps, caller, scheme, readKeyCookie(scheme, request), request.body),
    )
  })

  addEndpoint(app, publicEnrolmentEndpoints.sendEnrolmentCode, async (request) => {
    const { scheme } = request.params
    const caller = { address: request.ip, lang: langOfRequest(request) }
    return toOwnEnrolment(await sendCodeAgain(deps, caller, scheme, readKeyCookie(scheme, request)))
  })
  addEndpoint(app, publicEnrolmentEndpoints.confirmPhone, async (request) => {
    const { scheme } = request.params
    return toOwnEnrolment(await confirmPhone(deps, scheme, readKeyCookie(scheme, request), request.body))
  })
  addEndpoint(app, publicEnrolmentEndpoints.signCharter, async (request) => {
    const { scheme } = request.params
    const lang = langOfRequest(request)
    return toOwnEnrolment(await signCharter(deps, scheme, readKeyCookie(scheme, request), request.body, lang))
  })

  addEndpoint(app, publicEnrolmentEndpoints.forgetEnrolment, async (request, reply) => {
    const { scheme } = request.params
    await forgetEnrolment(deps, scheme, readKeyCookie(scheme, request))
    reply.header('set-cookie', cookieLine(deps.config, cookieOf(scheme), '', 0))
    return toOwnEnrolment(null)
  })

  function keep(reply: FastifyReply, scheme: string, { id, token }: EnrolmentKey): void {
    reply.header('set-cookie', cookieLine(deps.config, cookieOf(scheme), `${id}.${token}`, COOKIE_SECONDS))
  }
}

function toOwnEnrolment(enrolment: OwnEnrolment['enrolment']): OwnEnrolment {
  return { enrolment }
}

/** Reads the key from the cookie, whose path is that of the scheme. Undefined if it is missing or invalid. */
function readKeyCookie(scheme: string, request: FastifyRequest): EnrolmentKey | undefined {
  const form = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[\w-]{20,64}$/
  const [id, token] = readCookie(request.headers, cookieOf(scheme), form)?.split('.') ?? []
  return id === undefined || token === undefined ? undefined : { id, token }
}
