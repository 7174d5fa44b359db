import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { CharterStep } from '../enrolment/contract.ts'
import { QuietHoursChoice } from '../members/contract.ts'
import type { App } from '../platform/http.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { getOwnCharter, signOwnCharter } from './charter.ts'
import { leaveScheme } from './leave.ts'
import { addPerson, changeOwnPhone, sendNewPersonCode, sendOwnPhoneCode } from './phones.ts'
import {
  correctBusiness,
  correctPerson,
  getOwnShop,
  removePerson,
  setOwnQuietHours,
  setOwnSms,
} from './shop.ts'
import {
  ConfirmPerson,
  ConfirmPhone,
  LeaveScheme,
  NewPerson,
  NewPhone,
  OwnBusiness,
  OwnCharterView,
  OwnShopView,
  OwnSmsChoice,
  PersonNames,
  PhoneAttempt,
  RemovePerson,
} from './shop-contract.ts'

const InShop = z.object({ scheme: SchemeCode, member: z.uuid() })
const OnePerson = InShop.extend({ contact: z.uuid() })
const prefix = '/api/portal/shops/:scheme/:member'
const BODY_BYTES = 4 * 1024
/** Slows down attempts to enumerate numbers or codes. */
const CODE_LIMIT = { max: 20, timeWindow: 60_000, groupId: 'own-code' }

type ShopDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'mailer' | 'config'>

const shopIdOf = ({ scheme, member }: z.infer<typeof InShop>) => ({ schemeId: scheme, memberId: member })

/** Endpoints for contacts to read and change the data of their shop. */
export function ownShopRoutes(app: App, deps: ShopDeps): void {
  const change = (summary: string) => ({
    config: { permission: 'own.change' as const },
    bodyLimit: BODY_BYTES,
    schema: { tags: ['portal'], summary, params: InShop, response: { 200: OwnShopView } },
  })
  const askCode = (summary: string) => ({
    config: { permission: 'own.change' as const, rateLimit: CODE_LIMIT },
    bodyLimit: BODY_BYTES,
    schema: { tags: ['portal'], summary, params: InShop, response: { 200: PhoneAttempt } },
  })
  app.get(
    prefix,
    {
      config: { permission: 'own.read' },
      schema: {
        tags: ['portal'],
        summary: 'The stored data of a shop',
        params: InShop,
        response: { 200: OwnShopView },
      },
    },
    ({ actor, params }) => getOwnShop(deps, actor, shopIdOf(params)),
  )

  const business = change('Correct the name and address of a shop')
  app.put(
    `${prefix}/business`,
    { ...business, schema: { ...business.schema, body: OwnBusiness } },
    ({ actor, params, body }) => correctBusiness(deps, actor, shopIdOf(params), body),
  )

  const quiet = change('Set the quiet hours of the shop')
  app.put(
    `${prefix}/quiet-hours`,
    { ...quiet, schema: { ...quiet.schema, body: QuietHoursChoice } },
    ({ actor, params, body }) => setOwnQuietHours(deps, actor, shopIdOf(params), body),
  )

  const person = change('Correct a person’s name and mail address')
  app.put(
    `${prefix}/people/:contact`,
    { ...person, schema: { ...person.schema, params: OnePerson, body: PersonNames } },
    ({ actor, params, body }) => correctPerson(deps, actor, shopIdOf(params), params.contact, body),
  )

  const sms = change('Opt a person out of alerts by SMS, or oneself in again')
  app.put(
    `${prefix}/people/:contact/sms`,
    { ...sms, schema: { ...sms.schema, params: OnePerson, body: OwnSmsChoice } },
    ({ actor, params, body }) => setOwnSms(deps, actor, shopIdOf(params), params.contact, body),
  )

  app.delete(
    `${prefix}/people/:contact`,
    {
      config: { permission: 'own.change' },
      schema: {
        tags: ['portal'],
        summary: 'Remove a person from the shop',
        params: OnePerson,
        querystring: RemovePerson,
        response: { 200: z.object({ shop: OwnShopView.nullable() }) },
      },
    },
    async ({ actor, params, query }) => {
      return { shop: await removePerson(deps, actor, shopIdOf(params), params.contact, query) }
    },
  )

  const askPerson = askCode('Send a code to the phone of a person who joins the shop')
  app.post(
    `${prefix}/people`,
    { ...askPerson, schema: { ...askPerson.schema, body: NewPerson } },
    ({ actor, params, body, ip }) => sendNewPersonCode(deps, { address: ip }, actor, shopIdOf(params), body),
  )

  const joins = change('Add a person with the code sent to their phone')
  app.post(
    `${prefix}/people/confirm`,
    {
      ...joins,
      config: { ...joins.config, rateLimit: CODE_LIMIT },
      schema: { ...joins.schema, body: ConfirmPerson },
    },
    ({ actor, params, body }) => addPerson(deps, actor, shopIdOf(params), body),
  )

  const askPhone = askCode('Send a code to one’s new number')
  app.post(
    `${prefix}/phone`,
    { ...askPhone, schema: { ...askPhone.schema, body: NewPhone } },
    ({ actor, params, body, ip }) => sendOwnPhoneCode(deps, { address: ip }, actor, shopIdOf(params), body),
  )

  const moves = change('Change to the number that got the code, at all of one’s shops')
  app.post(
    `${prefix}/phone/confirm`,
    {
      ...moves,
      config: { ...moves.config, rateLimit: CODE_LIMIT },
      schema: { ...moves.schema, body: ConfirmPhone },
    },
    ({ actor, params, body }) => changeOwnPhone(deps, actor, shopIdOf(params), body),
  )

  const charter = { tags: ['portal'], params: InShop, response: { 200: OwnCharterView } }
  app.get(
    `${prefix}/charter`,
    {
      config: { permission: 'own.read' },
      schema: { ...charter, summary: 'The charter in force, and the shop’s last signature' },
    },
    ({ actor, params }) => getOwnCharter(deps, actor, shopIdOf(params)),
  )
  app.post(
    `${prefix}/charter`,
    {
      config: { permission: 'own.change' },
      bodyLimit: BODY_BYTES,
      schema: { ...charter, summary: 'Sign the charter in force', body: CharterStep },
    },
    ({ actor, params, body }) => signOwnCharter(deps, actor, shopIdOf(params), body),
  )

  app.post(
    `${prefix}/leave`,
    {
      config: { permission: 'own.leave' },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['portal'],
        summary: 'Leave the scheme',
        params: InShop,
        body: LeaveScheme,
        response: { 204: z.void() },
      },
    },
    async ({ actor, params, body }, reply) => {
      await leaveScheme(deps, actor, shopIdOf(params), body)
      return reply.status(204).send()
    },
  )
}
