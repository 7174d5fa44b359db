import { afterEach, expect, test, vi } from 'vitest'
import { blank, type Draft, fromReport } from './draft.ts'
import { broadcast, contentOf } from './flow.ts'

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

/** A server of canned answers; what was asked of it, in order. An answer may be a lost connection. */
function serve(answers: Record<string, unknown[]>) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const path = url.replace('/api/schemes/ac63', '').replace(/\?.*/, '')
    const key = `${init.method} ${path}`
    asked.push(key)
    const queue = answers[key]
    const answer = queue === undefined ? undefined : queue.length > 1 ? queue.shift() : queue[0]
    if (answer === undefined) throw new Error(`nothing to answer to ${key}`)
    if (answer instanceof Error) throw answer
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
  ...blank(),
  calledAt: report.calledAt,
  categoryCode: 'counterfeit-notes',
  commune: { code: '63178', name: 'Issoire', postalCode: null },
}

afterEach(() => vi.unstubAllGlobals())

test('report, alert, order, each once', async () => {
  const asked = serve({
    'POST /reports': [report],
    'GET /reports/r1': [report],
    'POST /alerts': [{ id: 'a1', version: 1 }],
    'POST /alerts/a1/broadcast': [{ id: 'a1' }],
  })
  const { keep } = keeper(composed)
  await expect(broadcast('ac63', composed, 'text', keep)).resolves.toBe('a1')
  expect(asked).toEqual(['POST /reports', 'GET /reports/r1', 'POST /alerts', 'POST /alerts/a1/broadcast'])
})

test('a second try takes only the step that failed', async () => {
  const asked = serve({
    'POST /reports': [report],
    'GET /reports/r1': [report],
    'POST /alerts': [{ id: 'a1', version: 1 }],
    'POST /alerts/a1/broadcast': [{ status: 422, code: 'empty_audience', message: 'nobody' }, { id: 'a1' }],
  })
  const { keep, kept } = keeper(composed)
  await expect(broadcast('ac63', composed, 'text', keep)).rejects.toMatchObject({ code: 'empty_audience' })
  asked.length = 0
  await broadcast('ac63', kept.draft, 'text', keep)
  expect(asked).toEqual(['POST /alerts/a1/broadcast'])
})

test('a text changed in between is written to the same alert', async () => {
  const asked = serve({
    'PUT /alerts/a1': [{ id: 'a1', version: 2 }],
    'POST /alerts/a1/broadcast': [{ id: 'a1' }],
  })
  const draft: Draft = { ...fromReport(report as never), alert: { id: 'a1', version: 1, content: 'other' } }
  await broadcast('ac63', draft, 'text', keeper(draft).keep)
  expect(asked).toEqual(['PUT /alerts/a1', 'POST /alerts/a1/broadcast'])
})

test('a report whose answer was lost is found again, not written twice', async () => {
  const asked = serve({
    'POST /reports': [new Error('connection lost')],
    'GET /reports': [{ reports: [report] }],
    'GET /reports/r1': [report],
    'POST /alerts': [{ id: 'a1', version: 1 }],
    'POST /alerts/a1/broadcast': [{ id: 'a1' }],
  })
  const { keep, kept } = keeper(composed)
  await broadcast('ac63', composed, 'text', keep)
  expect(asked.filter((one) => one === 'POST /reports')).toHaveLength(1)
  expect(kept.draft.report?.id).toBe('r1')
})

test('an order whose answer was lost counts when the alert has left', async () => {
  serve({
    'POST /alerts/a1/broadcast': [new Error('connection lost')],
    'GET /alerts/a1': [
      { alert: { id: 'a1', version: 1, state: 'broadcasting', orderedAt: report.calledAt } },
    ],
  })
  const taken = fromReport(report as never)
  const content = JSON.stringify(contentOf(taken, 'text'))
  const draft: Draft = { ...taken, alert: { id: 'a1', version: 1, content } }
  await expect(broadcast('ac63', draft, 'text', keeper(draft).keep)).resolves.toBe('a1')
})
