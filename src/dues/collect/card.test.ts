import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { testServer } from '../../../test/support/server.ts'
import { STRIPE_SECRETS, type StripeStandIn, startStripe } from '../../../test/support/stripe.ts'
import { mergeMembers } from '../../changes/merge/actions.ts'
import type { Deps } from '../../deps.ts'
import { createStripeCards } from '../../gateways/card/stripe.ts'
import { dayIn, METROPOLITAN_ZONE } from '../../message/clock.ts'
import type { Database } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'
import { openContactSession } from '../../portal/session/session.ts'
import { getMemberDues } from '../actions.ts'
import { cancelPayment, recordPayment } from '../ledger/payments.ts'
import { cancelRefund, recordRefund } from '../ledger/refunds.ts'

const chamber = actorOf('chamber', 'ac63')
const shop = `/api/portal/shops/ac63/${idOf(1)}`

describe('card payments', () => {
  let database: Database
  let stripe: StripeStandIn
  let deps: Deps
  let app: App
  let cookie: string
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Voisin', phones: [phoneOf(2)] },
      { id: idOf(3), name: 'Double', phones: [phoneOf(3)] },
      { id: idOf(4), name: 'Double', phones: [phoneOf(4)] },
    ])
    stripe = await startStripe()
    deps = testDeps(database, { cards: createStripeCards({ ...STRIPE_SECRETS, api: stripe.api }) })
    app = await testServer(deps)
    cookie = `tocsin.portal=${await openContactSession(deps, { phone: phoneOf(1) })}`
    const year = new Date().getFullYear()
    await openCampaign(deps, chamber, 'ac63', {
      year,
      feeCents: 1000,
      tradeFees: {},
      proRata: false,
      dueOn: `${year}-06-30`,
    })
  })
  afterAll(async () => {
    await app.close()
    await stripe.stop()
    await database.close()
  })

  const begin = (url = `${shop}/card`) => app.inject({ method: 'POST', url, headers: { cookie } })
  const postEvent = ({ body, signature }: { body: string; signature: string }) =>
    app.inject({
      method: 'POST',
      url: '/api/payments/card',
      headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
      payload: body,
    })
  const account = () => getMemberDues(deps, chamber, 'ac63', idOf(1))

  test("start on the provider's page, for what is owed and nothing else", async () => {
    const answer = await begin()
    expect(answer.json()).toEqual({ url: `${stripe.api}/pay/cs_test_1` })
    expect(stripe.sessions[0]?.asked).toMatchObject({
      mode: 'payment',
      'allowed_payment_method_types[0]': 'card',
      'line_items[0][price_data][unit_amount]': '1000',
      'line_items[0][price_data][currency]': 'eur',
      'metadata[tocsin_member]': idOf(1),
      success_url: 'http://localhost:3000/portail/cotisation?carte=merci',
    })
    expect((await account()).balanceCents).toBe(1000)
    expect((await begin(`/api/portal/shops/ac63/${idOf(2)}/card`)).statusCode).toBe(404)
  })

  test('a failing provider is reported, and nothing is started', async () => {
    stripe.refuse(500)
    const answer = await begin()
    stripe.refuse(undefined)
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'source_unreachable'])
    expect(stripe.sessions).toHaveLength(1)
  })

  test('only recent events signed by the provider count', async () => {
    const [session] = stripe.sessions
    const event = stripe.paid(session!)
    const old = stripe.paid(session!, new Date(Date.now() - 3_600_000))
    const forged = { body: event.body.replace('1000', '9000'), signature: event.signature }
    for (const wrong of [
      old,
      forged,
      { ...event, signature: '' },
      { ...event, signature: 't=1,v1=00' },
      { body: '', signature: '' },
    ]) {
      expect((await postEvent(wrong)).statusCode).toBe(403)
    }
    expect((await account()).payments).toEqual([])
  })

  test('an event becomes one payment with its receipt, however often it is repeated', async () => {
    const event = stripe.paid(stripe.sessions[0]!)
    const answers = await Promise.all([postEvent(event), postEvent(event), postEvent(event)])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([204, 204, 204])
    expect(await account()).toMatchObject({
      balanceCents: 0,
      payments: [{ way: 'card', amountCents: 1000, reference: 'pi_cs_test_1', cancelled: null }],
    })
    // Nothing is owed, so no payment can start.
    expect((await begin()).json().code).toBe('wrong_state')
  })

  test('a refund by the provider counts only the part that the chamber has not recorded', async () => {
    const [paid] = (await account()).payments
    const member = idOf(1)
    const part = {
      paymentId: paid!.id,
      way: 'card',
      amountCents: 400,
      paidOn: dayIn(METROPOLITAN_ZONE, deps.now()),
      reference: '',
      reason: 'geste commercial',
    } as const
    const view = await recordRefund(deps, chamber, 'ac63', member, part)
    expect(view.balanceCents).toBe(400)
    const event = stripe.refunded(stripe.sessions[0]!)
    await postEvent(event)
    await postEvent(event)
    expect(await account()).toMatchObject({
      balanceCents: 1000,
      payments: [{ cancelled: null }],
      refunds: [{ amountCents: 600 }, { amountCents: 400 }],
    })
    for (const { id } of (await account()).refunds) {
      await cancelRefund(deps, chamber, 'ac63', { member, refund: id }, { reason: 'pour la suite' })
    }
  })

  test("an advance recorded as refunded by card is part of the provider's refund", async () => {
    const member = idOf(1)
    const on = dayIn(METROPOLITAN_ZONE, deps.now())
    const transfer = { way: 'transfer', amountCents: 500, receivedOn: on, reference: '' } as const
    await recordPayment(deps, chamber, 'ac63', member, { ...transfer, inAdvance: true })
    const advance = { paymentId: null, way: 'card', amountCents: 500, paidOn: on, reference: '' } as const
    await recordRefund(deps, chamber, 'ac63', member, { ...advance, reason: 'payé deux fois' })
    const event = stripe.refunded(stripe.sessions[0]!)
    await postEvent(event)
    await postEvent(event)
    const { refunds, payments, balanceCents } = await account()
    expect(refunds.slice(0, 2)).toMatchObject([{ amountCents: 500, cancelled: null }, { amountCents: 500 }])
    expect([payments.every(({ cancelled }) => cancelled === null), balanceCents]).toEqual([true, 500])
    for (const { id } of refunds.slice(0, 2)) {
      await cancelRefund(deps, chamber, 'ac63', { member, refund: id }, { reason: 'pour la suite' })
    }
    const id = { member, payment: payments[0]!.id }
    await cancelPayment(deps, chamber, 'ac63', id, { reason: 'pour la suite' })
  })

  test('a refund reverses the payment, once', async () => {
    const event = stripe.refunded(stripe.sessions[0]!)
    expect([(await postEvent(event)).statusCode, (await postEvent(event)).statusCode]).toEqual([204, 204])
    expect(await account()).toMatchObject({
      balanceCents: 1000,
      payments: [{ way: 'transfer' }, { way: 'card', cancelled: {} }],
    })
    const lost = stripe.refunded({ id: 'cs_other', asked: {} })
    expect((await postEvent(lost)).statusCode).toBe(204)
  })

  test('without a key cards are not offered and events are refused', async () => {
    const without = await testServer({ ...deps, cards: undefined })
    const dues = await without.inject({ url: `${shop}/dues`, headers: { cookie } })
    expect(dues.json().ways.card).toBe(false)
    const begun = await without.inject({ method: 'POST', url: `${shop}/card`, headers: { cookie } })
    expect(begun.json().code).toBe('wrong_state')
    const { body, signature } = stripe.paid(stripe.sessions[0]!)
    const called = await without.inject({
      method: 'POST',
      url: '/api/payments/card',
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      payload: body,
    })
    expect(called.statusCode).toBe(404)
    await without.close()
    expect((await app.inject({ url: `${shop}/dues`, headers: { cookie } })).json().ways.card).toBe(true)
  })

  test('a payment by a member merged meanwhile is credited to the kept one', async () => {
    const theirs = `tocsin.portal=${await openContactSession(deps, { phone: phoneOf(3) })}`
    await app.inject({
      method: 'POST',
      url: `/api/portal/shops/ac63/${idOf(3)}/card`,
      headers: { cookie: theirs },
    })
    await mergeMembers(deps, chamber, 'ac63', { kept: idOf(4), merged: idOf(3), take: {} })
    expect((await postEvent(stripe.paid(stripe.sessions.at(-1)!))).statusCode).toBe(204)
    const balances = await Promise.all(
      [3, 4].map(async (n) => (await getMemberDues(deps, chamber, 'ac63', idOf(n))).balanceCents),
    )
    expect(balances).toEqual([0, 0])
  })
})
