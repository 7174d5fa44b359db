import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { type App, addEndpoint, langOfRequest } from '../../platform/http/http.ts'
import { type InShop, ownShopEndpoints } from '../endpoints.ts'
import { correctBusiness } from './business.ts'
import { getOwnCharter, signOwnCharter } from './charter.ts'
import { leaveScheme } from './leave.ts'
import { addPerson, changeOwnPhone, sendNewPersonCode, sendOwnPhoneCode } from './phones.ts'
import { correctPerson, getOwnShop, removePerson, setOwnQuietHours, setOwnSms } from './shop.ts'

type ShopDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'mailer' | 'config'>

const callerOf = (request: FastifyRequest) => ({ address: request.ip, lang: langOfRequest(request) })
const shopIdOf = ({ scheme, member }: z.infer<typeof InShop>) => ({ schemeId: scheme, memberId: member })

/** Endpoints for contacts to read and change the data of their shop. */
export function ownShopRoutes(app: App, deps: ShopDeps): void {
  addEndpoint(app, ownShopEndpoints.getOwnShop, ({ actor, params }) =>
    getOwnShop(deps, actor, shopIdOf(params)),
  )
  addEndpoint(app, ownShopEndpoints.correctBusiness, ({ actor, params, body }) =>
    correctBusiness(deps, actor, shopIdOf(params), body),
  )
  addEndpoint(app, ownShopEndpoints.setOwnQuietHours, ({ actor, params, body }) =>
    setOwnQuietHours(deps, actor, shopIdOf(params), body),
  )
  addEndpoint(app, ownShopEndpoints.correctPerson, ({ actor, params, body }) =>
    correctPerson(deps, actor, shopIdOf(params), params.contact, body),
  )
  addEndpoint(app, ownShopEndpoints.setOwnSms, ({ actor, params, body }) =>
    setOwnSms(deps, actor, shopIdOf(params), params.contact, body),
  )

  addEndpoint(app, ownShopEndpoints.removePerson, async ({ actor, params, query }) => {
    return { shop: await removePerson(deps, actor, shopIdOf(params), params.contact, query) }
  })
  addEndpoint(app, ownShopEndpoints.sendNewPersonCode, (request) =>
    sendNewPersonCode(deps, callerOf(request), request.actor, shopIdOf(request.params), request.body),
  )
  addEndpoint(app, ownShopEndpoints.addPerson, ({ actor, params, body }) =>
    addPerson(deps, actor, shopIdOf(params), body),
  )
  addEndpoint(app, ownShopEndpoints.sendOwnPhoneCode, (request) =>
    sendOwnPhoneCode(deps, callerOf(request), request.actor, shopIdOf(request.params), request.body),
  )
  addEndpoint(app, ownShopEndpoints.changeOwnPhone, ({ actor, params, body }) =>
    changeOwnPhone(deps, actor, shopIdOf(params), body),
  )
  addEndpoint(app, ownShopEndpoints.getOwnCharter, ({ actor, params }) =>
    getOwnCharter(deps, actor, shopIdOf(params)),
  )
  addEndpoint(app, ownShopEndpoints.signOwnCharter, ({ actor, params, body }) =>
    signOwnCharter(deps, actor, shopIdOf(params), body),
  )

  addEndpoint(app, ownShopEndpoints.leaveScheme, async ({ actor, params, body }) => {
    await leaveScheme(deps, actor, shopIdOf(params), body)
  })
}
