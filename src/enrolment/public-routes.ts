import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http.ts'
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
import type { OwnEnrolment } from './contract.ts'
import { publicEnrolmentEndpoints } from './endpoints.ts'

const COOKIE = 'tocsin.enrolment'
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

  addEndpoint(app, publicEnrolmentEndpoints.lookUpBusiness, (request) =>
    lookUpBusiness(deps, request.params.scheme, request.params.siret),
  )

  addEndpoint(app, publicEnrolmentEndpoints.getOwnEnrolment, async (request) => {
    const { scheme } = request.params
    return { enrolment: (await getOwnEnrolment(deps, scheme, readKeyCookie(request))) ?? null }
  })
  addEndpoint(app, publicEnrolmentEndpoints.enterBusiness, async (request, reply) => {
    const { scheme } = request.params
    const { enrolment, key } = await enterBusiness(deps, scheme, readKeyCookie(request), request.body)
    if (key !== undefined) keep(reply, scheme, key)
    return toOwnEnrolment(enrolment)
  })
  addEndpoint(app, publicEnrolmentEndpoints.enterContact, async (request) => {
    const { scheme } = request.params
    const caller = { address: request.ip }
    return toOwnEnrolment(await enterContact(deps, caller, scheme, readKeyCookie(request), request.body))
  })

  addEndpoint(app, publicEnrolmentEndpoints.sendEnrolmentCode, async (request) => {
    const { scheme } = request.params
    return toOwnEnrolment(await sendCodeAgain(deps, { address: request.ip }, scheme, readKeyCookie(request)))
  })
  addEndpoint(app, publicEnrolmentEndpoints.confirmPhone, async (request) => {
    const { scheme } = request.params
    return toOwnEnrolment(await confirmPhone(deps, scheme, readKeyCookie(request), request.body))
  })
  addEndpoint(app, publicEnrolmentEndpoints.signCharter, async (request) => {
    const { scheme } = request.params
    return toOwnEnrolment(await signCharter(deps, scheme, readKeyCookie(request), request.body))
  })

  addEndpoint(app, publicEnrolmentEndpoints.forgetEnrolment, async (request, reply) => {
    const { scheme } = request.params
    await forgetEnrolment(deps, scheme, readKeyCookie(request))
    reply.header('set-cookie', cookieOf(scheme, '', 0))
    return toOwnEnrolment(null)
  })

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
