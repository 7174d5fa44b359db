import { afterEach, expect, expectTypeOf, test, vi } from 'vitest'
import type { DuesPage } from '../../src/dues/contract.ts'
import { callApi, urlOf } from './client.ts'
import { serverNow } from './clock.ts'

/** Answers every request with one response, and records the requests. */
function serve(response: () => Response) {
  const asked: { url: string; init: RequestInit }[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push({ url, init })
    return response()
  })
  return asked
}

afterEach(() => vi.unstubAllGlobals())

test('fills in the parameters of a path, and sends the given values of a query', () => {
  expect(urlOf('getReceipt', { params: { scheme: 'ac63', year: 2026, no: 7 } })).toBe(
    '/api/schemes/ac63/receipts/2026/7',
  )
  expect(
    urlOf('listDues', {
      params: { scheme: 'a/b' },
      query: { year: 2026, q: '', trade: null, limit: undefined },
    }),
  ).toBe('/api/schemes/a%2Fb/dues?year=2026')
  expect(urlOf('getAbout')).toBe('/api/about')
})

test('returns what the endpoint declares', async () => {
  serve(() => Response.json({ campaign: null }))
  const page = await callApi('listDues', { params: { scheme: 'ac63' } })
  expectTypeOf(page).toEqualTypeOf<DuesPage>()
  expect(page).toEqual({ campaign: null })
})

test('sends JSON, a file unchanged, or no body, as declared', async () => {
  const asked = serve(() => new Response(null, { status: 204 }))
  const nothing = await callApi('setMembersApart', {
    params: { scheme: 'ac63' },
    body: { members: ['a', 'b'], apart: true },
  })
  expectTypeOf(nothing).toEqualTypeOf<undefined>()
  await callApi('openUpload', {
    params: { scheme: 'ac63' },
    query: { name: 'list.csv' },
    body: new Blob(['a;b']),
  })
  await callApi('endSession')
  expect(
    asked.map(({ url, init }) => [init.method, url, new Headers(init.headers).get('content-type')]),
  ).toEqual([
    ['PUT', '/api/schemes/ac63/doubles', 'application/json'],
    ['POST', '/api/schemes/ac63/member-imports?name=list.csv', 'application/octet-stream'],
    ['POST', '/api/session/end', null],
  ])
  expect(asked[0]?.init.body).toBe('{"members":["a","b"],"apart":true}')
  expect(asked[1]?.init.body).toBeInstanceOf(Blob)
})

test('throws the refusal of the server, or that it could not be reached', async () => {
  const problems = [{ code: 'input.required', path: 'reason', message: 'Requis' }]
  serve(() => Response.json({ code: 'invalid_input', message: 'Saisie', problems }, { status: 422 }))
  await expect(callApi('getSession')).rejects.toMatchObject({ status: 422, code: 'invalid_input', problems })
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')))
  await expect(callApi('getSession')).rejects.toMatchObject({ status: 0, code: 'unreachable' })
})

test('sends a request once more that met the former token of the session, and no other', async () => {
  const codes = ['not_signed_in', '', 'wrong_credentials', 'not_signed_in', 'not_signed_in']
  const asked = serve(() => {
    const code = codes.shift()
    return code === '' || code === undefined
      ? Response.json({})
      : Response.json({ code, message: '', problems: [] }, { status: 401 })
  })
  vi.resetModules()
  const { callApi } = await import('./client.ts')
  await callApi('endSession').catch(() => {})
  // Nobody was signed in yet.
  expect(asked).toHaveLength(1)
  await callApi('getSession')
  await expect(callApi('checkFactor')).rejects.toMatchObject({ code: 'wrong_credentials' })
  expect(asked).toHaveLength(3)
  await expect(callApi('checkFactor')).rejects.toMatchObject({ code: 'not_signed_in' })
  expect(asked).toHaveLength(5)
  codes.push('not_signed_in')
  await callApi('getAbout').catch(() => {})
  expect(asked).toHaveLength(6)
})

test('sends it once more only after an act on its way, which may be changing the token', async () => {
  let token = 'former'
  let answerAct = () => {}
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url)
    if (url.endsWith('/confirm')) {
      await new Promise<void>((resolve) => {
        answerAct = resolve
      })
      token = 'renewed'
      return Response.json({})
    }
    if (token === 'renewed' || asked.length === 1) return Response.json({})
    return Response.json({ code: 'not_signed_in', message: '', problems: [] }, { status: 401 })
  })
  await callApi('getSession')
  const confirmed = callApi('confirmCodes', { body: { code: '000000' } })
  const read = callApi('getSession')
  // Longer than a request waits that meets no act.
  setTimeout(() => answerAct(), 600)
  await read
  await confirmed
  expect(asked.filter((url) => url.endsWith('/session'))).toHaveLength(3)
})

test('refuses at compile time what an endpoint does not accept', () => {
  const wrong = () => {
    // @ts-expect-error an operation that no endpoint declares
    void callApi('listNothing')
    // @ts-expect-error no parameters
    void callApi('listDues')
    // @ts-expect-error a parameter that the path does not have
    void callApi('listDues', { params: { scheme: 'ac63', member: 'x' } })
    // @ts-expect-error a value that the query does not take
    void callApi('listDues', { params: { scheme: 'ac63' }, query: { facet: 'rich' } })
    // @ts-expect-error a body without what was paid
    void callApi('recordPayment', { params: { scheme: 'ac63', id: 'a' }, body: { year: 2026 } })
    // @ts-expect-error a body where there is none
    void callApi('stopAlert', { params: { scheme: 'ac63', id: 'a' }, body: { version: 1 } })
    // @ts-expect-error JSON in place of a file
    void callApi('openUpload', { params: { scheme: 'ac63' }, query: { name: 'x' }, body: { rows: [] } })
    // @ts-expect-error a link without the parameters of its path
    void urlOf('getReceipt', { params: { scheme: 'ac63' } })
  }
  expect(wrong).toBeTypeOf('function')
})

test('sets the clock by responses that no cache keeps, and never by one that it kept', async () => {
  const at = (milliseconds: number) => new Date(Date.now() + milliseconds).toUTCString()
  const isOff = () => Math.abs(serverNow() - Date.now()) > 60_000
  serve(() =>
    Response.json({}, { headers: { date: at(-3_600_000), 'cache-control': 'public, max-age=31536000' } }),
  )
  await callApi('getAbout')
  expect(isOff()).toBe(false)
  serve(() => Response.json({}, { headers: { date: at(-3_600_000), 'cache-control': 'no-store' } }))
  await callApi('getAbout')
  expect(isOff()).toBe(true)
  serve(() => Response.json({}, { headers: { date: at(0), 'cache-control': 'no-store' } }))
  await callApi('getAbout')
  expect(isOff()).toBe(false)
})
