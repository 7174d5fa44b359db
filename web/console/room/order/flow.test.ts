import { afterEach, expect, test, vi } from 'vitest'
import { blankDraft, type Draft, fromReport } from '../text/draft.ts'
import { broadcastDraft, contentOf, recordReport } from './flow.ts'
import { wasTaken } from './orders.ts'

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const report = {
  id: 'r1',
  category: { code: 'counterfeit-notes' },
  commune: { code: '63178', name: 'Issoire' },
  calledAt: '2026-03-12T21:14:00.000Z',
  occurredAt: '2026-03-12T21:14:00.000Z',
  place: null,
  facts: null,
  alert: null,
}

/** Returns the request bodies in order. */
let bodies: { key: string; body: unknown }[] = []

/** A server with prepared responses that records its requests. A response may be a lost connection. */
function serve(answers: Record<string, unknown[]>) {
  const asked: string[] = []
  bodies = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const path = url.replace('/api/schemes/ac63', '').replace(/\?.*/, '')
    const key = `${init.method} ${path}`
    asked.push(key)
    if (typeof init.body === 'string') bodies.push({ key, body: JSON.parse(init.body) })
    const queue = answers[key]
    const answer = queue === undefined ? undefined : queue.length > 1 ? queue.shift() : queue[0]
    if (answer === undefined) throw new Error(`nothing to answer to ${key}`)
    if (answer instanceof Error) throw answer
    if (typeof answer === 'string') return new Response(answer)
    const { status = 200, ...body } = answer as { status?: number }
    return new Response(JSON.stringify(body), { status })
  })
  return asked
}

function keeper(draft: Draft) {
  const kept = { draft }
  return {
    kept,
    keep: {
      recorded: (recorded: typeof report) => {
        kept.draft = { ...kept.draft, report: recorded as never }
      },
      change: (patch: Partial<Draft>) => {
        kept.draft = { ...kept.draft, ...patch }
      },
    } as never,
  }
}

const composed: Draft = {
  ...blankDraft(),
  calledAt: report.calledAt,
  categoryCode: 'counterfeit-notes',
  commune: { code: '63178', name: 'Issoire', postalCode: null },
  area: {
    area: { kind: 'commune', code: '63178' },
    name: 'Issoire',
    words: 'Issoire',
    communes: 1,
    withoutPoint: [],
  },
}

afterEach(() => vi.unstubAllGlobals())

test('sends the report, the alert and the order once each', async () => {
  const asked = serve({
    'POST /reports': [report],
    'GET /reports/r1': [report],
    'POST /alerts': [{ id: 'a1', version: 1 }],
    'POST /alerts/a1/broadcast': [{ id: 'a1' }],
  })
  const { keep } = keeper(composed)
  await expect(broadcastDraft('ac63', composed, 'text', keep)).resolves.toMatchObject({ id: 'a1' })
  expect(asked).toEqual(['POST /reports', 'GET /reports/r1', 'POST /alerts', 'POST /alerts/a1/broadcast'])
})

test('repeats only the step that failed', async () => {
  const asked = serve({
    'POST /reports': [report],
    'GET /reports/r1': [report],
    'POST /alerts': [{ id: 'a1', version: 1 }],
    'POST /alerts/a1/broadcast': [{ status: 422, code: 'empty_audience', message: 'nobody' }, { id: 'a1' }],
  })
  const { keep, kept } = keeper(composed)
  await expect(broadcastDraft('ac63', composed, 'text', keep)).rejects.toMatchObject({
    code: 'empty_audience',
  })
  asked.length = 0
  await broadcastDraft('ac63', kept.draft, 'text', keep)
  expect(asked).toEqual(['POST /alerts/a1/broadcast'])
})

test('writes a text changed in between to the same alert', async () => {
  const asked = serve({
    'PUT /alerts/a1': [{ id: 'a1', version: 2 }],
    'POST /alerts/a1/broadcast': [{ id: 'a1' }],
  })
  const draft: Draft = {
    ...fromReport(report as never),
    area: composed.area,
    alert: { id: 'a1', version: 1, reference: '63-26-0001', content: 'other' },
  }
  await broadcastDraft('ac63', draft, 'text', keeper(draft).keep)
  expect(asked).toEqual(['PUT /alerts/a1', 'POST /alerts/a1/broadcast'])
})

const LOST = new Error('connection lost')
const TAKEN = { status: 409, code: 'id_taken', message: 'taken' }

test('creates a report and an alert with the same id again after a lost response', async () => {
  const asked = serve({
    'POST /reports': [LOST, report],
    'GET /reports/r1': [report],
    'POST /alerts': [LOST, { id: 'a1', version: 1 }],
    'POST /alerts/a1/broadcast': [{ id: 'a1' }],
  })
  const { keep, kept } = keeper(composed)
  await broadcastDraft('ac63', composed, 'text', keep)
  expect(asked).toEqual([
    'POST /reports',
    'POST /reports',
    'GET /reports/r1',
    'POST /alerts',
    'POST /alerts',
    'POST /alerts/a1/broadcast',
  ])
  const [first, second] = bodies.filter(({ key }) => key === 'POST /reports')
  expect(first?.body).toMatchObject({ id: expect.stringMatching(UUID_7) })
  expect(second?.body).toEqual(first?.body)
  const [alert, again] = bodies.filter(({ key }) => key === 'POST /alerts')
  expect(alert?.body).toMatchObject({ id: expect.stringMatching(UUID_7), reportId: 'r1' })
  expect(again?.body).toEqual(alert?.body)
  expect(kept.draft).toMatchObject({ report: { id: 'r1' }, alert: { id: 'a1' }, alertId: null })
})

test('uses the same ids in a later try', async () => {
  const asked = serve({
    'POST /reports': [LOST, LOST, report],
    'GET /reports/r1': [report],
    'POST /alerts': [LOST, LOST, { id: 'a1', version: 1 }],
    'POST /alerts/a1/broadcast': [{ id: 'a1' }],
  })
  const { keep, kept } = keeper(composed)
  await expect(broadcastDraft('ac63', composed, 'text', keep)).rejects.toMatchObject({ code: 'unreachable' })
  await expect(broadcastDraft('ac63', kept.draft, 'text', keep)).rejects.toMatchObject({
    code: 'unreachable',
  })
  await broadcastDraft('ac63', kept.draft, 'text', keep)
  const idsOf = (asking: string) => [
    ...new Set(bodies.filter(({ key }) => key === asking).map(({ body }) => (body as { id: string }).id)),
  ]
  expect(idsOf('POST /reports')).toHaveLength(1)
  expect(idsOf('POST /alerts')).toHaveLength(1)
  expect(asked.filter((one) => one === 'GET /reports/r1')).toHaveLength(1)
})

test('keeps the report of the same call after a form change, and creates another for another place', async () => {
  const recorded = { ...report, exercise: false }
  const asked = serve({
    'POST /reports': [TAKEN],
    'GET /reports/r0': [recorded],
  })
  const same: Draft = { ...composed, reportId: 'r0', place: 'centre' }
  const { keep, kept } = keeper(same)
  expect(await recordReport('ac63', same, keep)).toMatchObject({ id: 'r1' })
  expect(asked).toEqual(['POST /reports', 'GET /reports/r0'])

  const elsewhere = serve({
    'POST /reports': [TAKEN, { ...report, id: 'r2' }],
    'GET /reports/r0': [{ ...recorded, commune: { code: '63003', name: 'Ambert' } }],
  })
  expect(await recordReport('ac63', same, keep)).toMatchObject({ id: 'r2' })
  expect(elsewhere).toEqual(['POST /reports', 'GET /reports/r0', 'POST /reports'])
  expect(kept.draft.reportId).toMatch(UUID_7)
})

test('changes an alert after a lost response instead of creating another', async () => {
  const asked = serve({
    'POST /alerts': [TAKEN],
    'GET /alerts/a0': [{ alert: { id: 'a0', version: 1, state: 'draft', reference: '63-26-0001' } }],
    'PUT /alerts/a0': [{ id: 'a0', version: 2, reference: '63-26-0001' }],
    'POST /alerts/a0/broadcast': [{ id: 'a0' }],
  })
  const draft: Draft = { ...fromReport(report as never), area: composed.area, alertId: 'a0' }
  await broadcastDraft('ac63', draft, 'text', keeper(draft).keep)
  expect(asked).toEqual(['POST /alerts', 'GET /alerts/a0', 'PUT /alerts/a0', 'POST /alerts/a0/broadcast'])
  expect(bodies.find(({ key }) => key === 'PUT /alerts/a0')?.body).toMatchObject({ version: 1 })
})

test('counts an order with a lost response once the alert was sent', async () => {
  serve({
    'POST /alerts/a1/broadcast': [new Error('connection lost')],
    'GET /alerts/a1': [
      { alert: { id: 'a1', version: 1, state: 'broadcasting', orderedAt: report.calledAt } },
    ],
  })
  const taken = fromReport(report as never)
  const content = JSON.stringify(contentOf(taken, 'text'))
  const draft: Draft = { ...taken, alert: { id: 'a1', version: 1, reference: '63-26-0001', content } }
  await expect(broadcastDraft('ac63', draft, 'text', keeper(draft).keep)).resolves.toMatchObject({ id: 'a1' })
})

test('treats a response that breaks off as a lost one', async () => {
  serve({
    'POST /alerts/a1/broadcast': ['{"id":"a1","vers'],
    'GET /alerts/a1': [{ alert: { id: 'a1', version: 1, state: 'active', orderedAt: report.calledAt } }],
  })
  const taken = fromReport(report as never)
  const content = JSON.stringify(contentOf(taken, 'text'))
  const draft: Draft = { ...taken, alert: { id: 'a1', version: 1, reference: '63-26-0001', content } }
  await expect(broadcastDraft('ac63', draft, 'text', keeper(draft).keep)).resolves.toMatchObject({ id: 'a1' })
})

test('keeps an order with its draft until its result is known, and no longer', async () => {
  const refused = { status: 422, code: 'no_route', message: 'no route' }
  serve({
    'POST /alerts/a1/broadcast': [refused, new Error('connection lost'), { id: 'a1' }],
    'GET /alerts/a1': [{ alert: { id: 'a1', version: 1, state: 'draft', orderedAt: null } }],
  })
  const taken = fromReport(report as never)
  const content = JSON.stringify(contentOf(taken, 'text'))
  const draft: Draft = { ...taken, alert: { id: 'a1', version: 1, reference: '63-26-0001', content } }
  const { keep, kept } = keeper(draft)
  await expect(broadcastDraft('ac63', draft, 'text', keep)).rejects.toMatchObject({ code: 'no_route' })
  expect(kept.draft.order).toBeNull()

  // The sheet is closed before the server gives the result: the draft still asks.
  const closed = new AbortController()
  const onDoubt = () => closed.abort()
  const doubt = { onDoubt, signal: closed.signal }
  await expect(broadcastDraft('ac63', draft, 'text', keep, { doubt })).rejects.toThrow(/abort/i)
  expect(kept.draft.order).toMatchObject({ verb: 'broadcast', alertId: 'a1' })
})

test.each([
  ['broadcast', { state: 'draft', orderedAt: null, submittedAt: null }, false],
  ['broadcast', { state: 'active', orderedAt: '2026-03-12T21:19:00.000Z', submittedAt: null }, true],
  ['submit', { state: 'draft', orderedAt: null, submittedAt: null }, false],
  ['submit', { state: 'submitted', orderedAt: null, submittedAt: '2026-03-12T21:20:01.000Z' }, true],
  // Returned within the same moment, and returned once before.
  ['submit', { state: 'returned', orderedAt: null, submittedAt: '2026-03-12T21:20:01.000Z' }, true],
  ['submit', { state: 'returned', orderedAt: null, submittedAt: '2026-03-12T21:15:00.000Z' }, false],
] as const)('%s of an alert that is %o: %s', (verb, { submittedAt, ...alert }, expected) => {
  const at = Date.parse('2026-03-12T21:20:00.000Z')
  const order = { verb, alertId: 'a1', at }
  expect(wasTaken(order, { ...alert, approval: { submittedAt } } as never)).toBe(expected)
})
