import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../../test/support/deps.ts'
import {
  agePast,
  established,
  idOf,
  phoneOf,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import type { Actor } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { type App, closeEventStreams } from '../../platform/http/http.ts'
import { ownAlertRoutes } from '../../portal/alerts/routes.ts'
import { createReport } from '../../reports/actions.ts'
import { reportFromShop } from '../../reports/own/actions.ts'
import { NewOwnReport } from '../../reports/own/contract.ts'
import { createAlert } from '../compose/draft.ts'
import type { LiveMessage } from '../contract.ts'
import { broadcastAlert } from '../order/broadcast.ts'
import { alertRoutes } from '../routes.ts'
import { createLiveFeed } from './live.ts'

const operator = actorOf('operator', 'ac63')
const chamber = actorOf('chamber', 'ac63')
const tobacconist = contactOf('ac63', idOf(1))
const jeweller = contactOf('ac63', idOf(2))
const actors: Record<string, Actor> = { operator, chamber, tobacconist, jeweller }
const paths: Record<string, string> = {
  tobacconist: `/api/portal/shops/ac63/${idOf(1)}/live`,
  jeweller: `/api/portal/shops/ac63/${idOf(2)}/live`,
}

/** Reads server-sent events and keeps each with its event name. */
interface Reader {
  readonly response: IncomingMessage
  readonly received: { event: string; data: LiveMessage }[]
  readonly ended: Promise<void>
  leave(): void
}

describe('GET /live', () => {
  let database: Database
  let deps: Deps
  let app: App
  let port: number

  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), phones: [phoneOf(1)] },
      { id: idOf(2), communeCode: '63113', phones: [phoneOf(2)] },
    ])
  })
  afterAll(() => database.close())

  beforeEach(async () => {
    deps = testDeps(database)
    app = Fastify({ forceCloseConnections: false }).withTypeProvider<ZodTypeProvider>() as unknown as App
    app.setValidatorCompiler(validatorCompiler)
    app.setSerializerCompiler(serializerCompiler)
    app.decorateRequest('actor', { getter: () => operator })
    app.decorateRequest('stillAllowed', { getter: () => async () => true })
    app.addHook('onRequest', async (request) => {
      const actor = actors[String(request.headers['x-actor'])]
      if (actor) Object.defineProperty(request, 'actor', { value: actor })
    })
    app.addHook('preClose', async () => closeEventStreams(app))
    alertRoutes(app, deps)
    ownAlertRoutes(app, deps)
    await app.listen({ port: 0, host: '127.0.0.1' })
    port = (app.server.address() as AddressInfo).port
  })
  afterEach(() => app.close())

  function read(as: string): Promise<Reader> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { port, path: paths[as] ?? '/api/schemes/ac63/live', headers: { 'x-actor': as } },
        (response) => {
          const received: Reader['received'] = []
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (piece: string) => {
            text += piece
            const blocks = text.split('\n\n')
            text = blocks.pop() ?? ''
            for (const block of blocks) {
              const match = /^event: (.*)\ndata: (.*)$/.exec(block)
              // It only says what the others cover.
              if (match && match[1] !== 'opened')
                received.push({ event: match[1]!, data: JSON.parse(match[2]!) as LiveMessage })
            }
          })
          const ended = new Promise<void>((done) => response.once('close', done))
          resolve({ response, received, ended, leave: () => request.destroy() })
        },
      )
      request.on('error', reject)
      request.end()
    })
  }

  async function ordered() {
    await agePast(database)
    const report = await createReport(deps, operator, 'ac63', {
      categoryCode: 'counterfeit',
      communeCode: '63178',
    })
    const alert = await createAlert(deps, operator, 'ac63', {
      reportId: report.id,
      text: 'Faux billets à Issoire. Appelez le 17.',
      area: { kind: 'commune', code: '63178' },
      trades: [],
      doctrine: established,
    })
    await broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 })
    return { alertId: alert.id, reportId: report.id }
  }

  const typesOf = (reader: Reader) => reader.received.map(({ event }) => event)

  test('sends a screen that opens late what changed shortly before, each record once', async () => {
    const feed = createLiveFeed(deps)
    const sent: LiveMessage[] = []
    const watcher = { memberId: null, reports: true, send: (message: LiveMessage) => sent.push(message) }
    for (const alertId of ['a', 'b', 'a']) deps.live.publish({ type: 'alert', schemeId: 'ac63', alertId })
    deps.live.publish({ type: 'progress', schemeId: 'ac63', alertId: 'c', broadcastId: idOf(1) })
    deps.live.publish({ type: 'report', schemeId: 'ac63', reportId: 'r' })
    deps.live.publish({ type: 'relay', schemeId: 'ac69' })
    feed.replay('ac63', watcher)
    expect(sent).toEqual([
      { type: 'opened', coversMs: expect.any(Number) },
      { type: 'alert', alertId: 'b' },
      { type: 'alert', alertId: 'a' },
      { type: 'alert', alertId: 'c' },
      { type: 'report', reportId: 'r' },
    ])
    // A user who may not read reports learns of none.
    sent.length = 0
    feed.replay('ac63', { ...watcher, reports: false })
    expect(sent.map(({ type }) => type)).toEqual(['opened', 'alert', 'alert', 'alert'])
    // Nothing before it is covered: the screen reads everything again.
    sent.length = 0
    deps.live.noteMissed()
    deps.live.publish({ type: 'break_glass', schemeId: '' })
    feed.replay('ac63', watcher)
    expect(sent[0]).toEqual({ type: 'opened', coversMs: 0 })
  })

  test('sends each reader the events that concern them, under the name of their type', async () => {
    const [desk, cci, receiver, other] = await Promise.all(
      ['operator', 'chamber', 'tobacconist', 'jeweller'].map(read),
    )
    expect(desk!.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    })
    const { alertId, reportId } = await ordered()
    await expect.poll(() => receiver!.received).toHaveLength(1)
    await expect.poll(() => desk!.received).toHaveLength(4)
    deps.live.publish({ type: 'progress', schemeId: 'ac63', alertId, broadcastId: idOf(1) })
    await expect.poll(() => desk!.received).toHaveLength(5)
    expect(desk!.received.slice(0, 4).map(({ data }) => data)).toEqual([
      { type: 'report', reportId },
      { type: 'alert', alertId },
      { type: 'alert', alertId },
      { type: 'report', reportId },
    ])
    expect(desk!.received.at(-1)).toMatchObject({
      event: 'progress',
      data: { type: 'progress', alertId, progress: { planned: 1, waiting: 1 } },
    })
    expect(typesOf(cci!)).toEqual(['alert', 'alert', 'progress'])
    // A member is notified of the alerts sent to it: not of drafts, reports or figures.
    expect(receiver!.received.map(({ data }) => data)).toEqual([{ type: 'alert', alertId }])
    expect(other!.received).toEqual([])
    // The scheme's settings concern the users who run it, not its members.
    deps.live.publish({ type: 'scheme', schemeId: 'ac63' })
    for (const reader of [desk!, cci!]) {
      await expect.poll(() => reader.received.at(-1)?.data).toEqual({ type: 'scheme' })
    }
    expect(receiver!.received).toHaveLength(1)
  })

  test('sends a member the events of its own report, and of no other', async () => {
    const [sender, other] = await Promise.all(['tobacconist', 'jeweller'].map(read))
    const of = { schemeId: 'ac63', memberId: idOf(1) }
    const { id } = await reportFromShop(
      deps,
      tobacconist,
      of,
      NewOwnReport.parse({ categoryCode: 'counterfeit' }),
    )
    await expect
      .poll(() => sender!.received.map(({ data }) => data))
      .toEqual([{ type: 'report', reportId: id }])
    expect(other!.received).toEqual([])
  })

  test('sends figures at most eight times a second, and always the last ones', async () => {
    const { alertId } = await ordered()
    const [first, second] = await Promise.all([read('operator'), read('operator')])
    const startedAt = performance.now()
    let accepted = 0
    while (performance.now() - startedAt < 1000 || accepted < 31) {
      accepted += 1
      await database.db.updateTable('broadcasts').set({ accepted }).where('alertId', '=', alertId).execute()
      deps.live.publish({ type: 'progress', schemeId: 'ac63', alertId, broadcastId: idOf(1) })
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    const last = (reader: Reader) => {
      const message = reader.received.at(-1)?.data
      return message?.type === 'progress' ? message.progress.accepted : undefined
    }
    await expect.poll(() => [last(first!), last(second!)]).toEqual([accepted, accepted])
    // Beside them comes what changed shortly before the screen opened.
    const figures = first!.received.filter(({ event }) => event === 'progress')
    expect(figures.length).toBeGreaterThan(3)
    const seconds = (performance.now() - startedAt) / 1000
    expect(figures.length).toBeLessThanOrEqual(8 * seconds + 2)
  })

  test('forgets a reader who leaves; a stopping server ends the other streams', async () => {
    const left = await read('operator')
    const stays = await read('operator')
    left.leave()
    await left.ended
    const subscribed = vi.spyOn(deps.live, 'subscribe')
    deps.live.publish({ type: 'report', schemeId: 'ac63', reportId: idOf(5) })
    await expect.poll(() => typesOf(stays)).toEqual(['report'])
    expect(left.received).toEqual([])
    stays.leave()
    await stays.ended
    // After the last reader left, the scheme is unsubscribed; the next reader subscribes again.
    await vi.waitFor(async () => {
      const next = await read('operator')
      expect(subscribed).toHaveBeenCalled()
      next.leave()
    })
    const open = await read('operator')
    await app.close()
    await open.ended
  })

  test('limits the readers of a scheme', () => {
    const feed = createLiveFeed(deps, 2)
    const watcher = () => ({ memberId: null, reports: true, send: () => {} })
    const leave = feed.watch('ac63', watcher())
    expect(feed.watch('ac63', watcher())).toBeDefined()
    expect(feed.watch('ac63', watcher())).toBeUndefined()
    expect(feed.watch('ac39', watcher())).toBeDefined()
    leave?.()
    expect(feed.watch('ac63', watcher())).toBeDefined()
  })
})
