import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import type { OutgoingMessage, OutgoingRecipient, ProviderAnswer } from '../provider.ts'
import { type GenericSettings, HttpGatewaySettings } from '../settings.ts'
import { createGeneric, resolvePointer } from './generic.ts'

const outgoing: OutgoingMessage = {
  sender: 'POLICE 63',
  text: 'Vol & "ruse" {to} {secret:key} é',
  encoding: 'GSM-7',
  parts: 1,
  lane: 'alert',
  validitySeconds: 600,
}
const recipients: OutgoingRecipient[] = [
  { no: 0, phone: '+33611111111', reference: 1 },
  { no: 1, phone: '+33622222222', reference: 2 },
]

function settingsOf(more: Record<string, unknown>): GenericSettings {
  return HttpGatewaySettings.parse({
    kind: 'http',
    name: 'other',
    secrets: { key: 's3cret&"' },
    request: { url: 'https://sms.example/send' },
    answer: { id: '/id' },
    ...more,
  }) as GenericSettings
}

const answerOf = (status: number, json: unknown, text = JSON.stringify(json)): ProviderAnswer => ({
  status,
  header: () => null,
  text,
  json,
})

test('escapes values for their position and never expands them as templates', () => {
  const json = createGeneric(
    settingsOf({
      batchSize: 2,
      request: {
        url: 'https://sms.example/send?key={secret:key}&from={from}',
        headers: { 'X-Key': '{secret:key}' },
        body: {
          type: 'json',
          value: {
            sms: [{ number: '{to}', reference: '{reference}' }],
            flat: ['{digits}'],
            fixed: [1, null, true, { ttl: '{validitySeconds}' }],
            text: '{text}',
          },
        },
      },
    }),
  )
  const request = json.request(outgoing, recipients, 0)
  expect(request.url).toBe('https://sms.example/send?key=s3cret%26%22&from=POLICE%2063')
  expect(request.headers).toMatchObject({ 'X-Key': 's3cret&"' })
  expect(JSON.parse(request.body ?? '')).toEqual({
    sms: [
      { number: '+33611111111', reference: '1' },
      { number: '+33622222222', reference: '2' },
    ],
    flat: ['33611111111', '33622222222'],
    fixed: [1, null, true, { ttl: 600 }],
    text: outgoing.text,
  })

  const form = createGeneric(
    settingsOf({
      request: {
        url: 'https://sms.example/send',
        body: { type: 'form', fields: { to: '{to}', msg: '{text}', key: '{secret:key}' } },
      },
    }),
  )
  const { body, headers } = form.request(outgoing, recipients.slice(0, 1), 0)
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
    to: '+33611111111',
    msg: outgoing.text,
    key: 's3cret&"',
  })
  expect(headers['content-type']).toContain('application/x-www-form-urlencoded')

  const query = createGeneric(
    settingsOf({ request: { method: 'GET', url: 'https://sms.example/send?to={to}&text={text}' } }),
  )
  const got = query.request(outgoing, recipients.slice(0, 1), 0)
  expect(got).not.toHaveProperty('body')
  expect(new URL(got.url).searchParams.get('text')).toBe(outgoing.text)
})

test('reads responses about a whole request', () => {
  const one = recipients.slice(0, 1)
  const { read } = createGeneric(settingsOf({}))
  expect(read(answerOf(200, { id: 'a' }), one, 0)).toEqual({ kind: 'each', verdicts: [{ accepted: ['a'] }] })
  expect(read(answerOf(200, { error: 'no' }), one, 0).kind).toBe('unknown')
  expect(read(answerOf(400, {}), one, 0)).toMatchObject({ refusal: { code: 0x45, permanent: false } })
  expect(read(answerOf(400, {}), recipients, 0)).toEqual({ kind: 'split' })

  const list = createGeneric(settingsOf({ batchSize: 2, answer: { id: '/ids' } }))
  expect(list.read(answerOf(200, { ids: [5, 6] }), recipients, 0)).toEqual({
    kind: 'each',
    verdicts: [{ accepted: ['5'] }, { accepted: ['6'] }],
  })
  expect(list.read(answerOf(200, { ids: [5] }), recipients, 0)).toEqual({
    kind: 'each',
    verdicts: [{ accepted: [] }, { accepted: [] }],
  })

  const plain = createGeneric(settingsOf({ answer: { id: '' } }))
  expect(plain.read(answerOf(200, undefined, 'abc-1\n'), one, 0)).toEqual({
    kind: 'each',
    verdicts: [{ accepted: ['abc-1'] }],
  })

  const status = createGeneric(
    settingsOf({
      answer: {
        id: '/id',
        status: '/result/code',
        accepted: ['OK'],
        refusals: { BLACK: 'receiver', FULL: 'throttled' },
        http: { 409: 'number', 500: 'later', 418: 'throttled', 404: 'unknown' },
      },
    }),
  )
  const said = (code: unknown, http = 200) => status.read(answerOf(http, { id: 1, result: { code } }), one, 0)
  expect(said('OK')).toMatchObject({ kind: 'each' })
  expect(said('BLACK')).toMatchObject({ kind: 'refused', refusal: { code: 0x66, permanent: true } })
  expect(said('FULL')).toMatchObject({ kind: 'throttled' })
  expect(said('?')).toMatchObject({ kind: 'unknown' })
  expect(said('OK', 409)).toMatchObject({ kind: 'refused', refusal: { code: 0x0b, permanent: true } })
  expect(said('OK', 500)).toMatchObject({ kind: 'refused', refusal: { code: 0x64, permanent: false } })
  expect(said('OK', 418)).toMatchObject({ kind: 'throttled' })
  expect(said('OK', 404)).toMatchObject({ kind: 'unknown' })
})

test('leaves a recipient missing from the response in doubt', () => {
  const { read } = createGeneric(settingsOf({ batchSize: 2, answer: { items: '/r', to: '/n', id: '/id' } }))
  expect(read(answerOf(200, { r: [{ n: '33622222222', id: 9 }] }), recipients, 0)).toEqual({
    kind: 'each',
    verdicts: [{ unknown: true }, { accepted: ['9'] }],
  })
  expect(read(answerOf(200, { r: [{ n: '33622222222' }] }), recipients, 0)).toMatchObject({
    verdicts: [{ unknown: true }, { unknown: true }],
  })
  // Numbers in another notation.
  expect(
    read(
      answerOf(200, {
        r: [
          { n: '0611111111', id: 8 },
          { n: '0622222222', id: 9 },
        ],
      }),
      recipients,
      0,
    ),
  ).toEqual({ kind: 'each', verdicts: [{ unknown: true }, { unknown: true }] })
  expect(read(answerOf(200, {}), recipients, 0).kind).toBe('unknown')

  const inOrder = createGeneric(settingsOf({ batchSize: 2, answer: { items: '/r', id: '/id' } }))
  expect(inOrder.read(answerOf(200, { r: [{ id: 9 }] }), recipients, 0)).toEqual({
    kind: 'each',
    verdicts: [{ accepted: ['9'] }, { unknown: true }],
  })
})

test('leaves a message with an unknown status in doubt', () => {
  const answer = { id: '/id', status: '/code', accepted: ['OK'], refusals: { NO: 'number' } }
  const whole = createGeneric(settingsOf({ batchSize: 2, answer }))
  for (const code of ['QUEUED', 0, null, undefined]) {
    expect(whole.read(answerOf(200, { id: 'a', code }), recipients, 0).kind).toBe('unknown')
    expect(whole.read(answerOf(200, { id: 'a', code }), recipients.slice(0, 1), 0).kind).toBe('unknown')
  }
  const items = createGeneric(settingsOf({ batchSize: 2, answer: { ...answer, items: '' } }))
  const given = [
    { id: 1, code: 'QUEUED' },
    { id: 2, code: 'NO' },
  ]
  expect(items.read(answerOf(200, given), recipients, 0)).toEqual({
    kind: 'each',
    verdicts: [{ unknown: true }, { refused: { code: 0x0b, permanent: true } }],
  })
})

test('ignores an id that the ledger cannot store', () => {
  const { read } = createGeneric(settingsOf({}))
  for (const id of ['a\0b', 'a b', 'a\nb', 'x'.repeat(300), 2 ** 60]) {
    expect(read(answerOf(200, { id }), recipients.slice(0, 1), 0)).toEqual({
      kind: 'each',
      verdicts: [{ accepted: [] }],
    })
  }
})

test('authenticates calls by a token, a header or a signature', () => {
  const receipts = { id: '/id', state: '/s', states: { OK: 'delivered' } }
  const secret = 'sixteen-letters-!'
  const body = Buffer.from('id=4&s=OK')
  const webhookOf = (more: Record<string, unknown>) =>
    createGeneric(settingsOf({ receipts: { ...receipts, format: 'form', ...more } })).webhook
  const call = { method: 'POST', url: '/api/gateways/other/webhook', headers: {}, body }

  const token = webhookOf({ proof: { type: 'token', secret } })
  expect(token?.isAuthentic({ ...call, url: `/x?token=${encodeURIComponent(secret)}` })).toBe(true)
  expect(token?.isAuthentic({ ...call, url: `/x/${encodeURIComponent(secret)}?a=1` })).toBe(true)
  expect(token?.isAuthentic({ ...call, url: '/x?token=' })).toBe(false)
  expect(token?.isAuthentic(call)).toBe(false)

  const header = webhookOf({ proof: { type: 'header', header: 'X-Token', secret } })
  expect(header?.isAuthentic({ ...call, headers: { 'x-token': secret } })).toBe(true)
  expect(header?.isAuthentic({ ...call, headers: { 'x-token': 'other' } })).toBe(false)
  expect(header?.isAuthentic(call)).toBe(false)

  const proof = { type: 'hmac', header: 'X-Sign', secret, algorithm: 'sha512', encoding: 'base64' }
  const hmac = webhookOf({ proof })
  const signature = createHmac('sha512', secret).update(body).digest('base64')
  expect(hmac?.isAuthentic({ ...call, headers: { 'x-sign': [signature, 'x'] } })).toBe(true)
  expect(hmac?.isAuthentic({ ...call, headers: { 'x-sign': signature }, body: Buffer.from('id=5') })).toBe(
    false,
  )
  expect(hmac?.read(call)?.receipts).toEqual([
    { messageId: '4', state: 'delivered', phone: undefined, errorCode: undefined, reference: undefined },
  ])
  expect(webhookOf({ proof, format: 'json' })?.read(call)).toBeUndefined()
  const asQuery = webhookOf({ proof, format: 'query', method: 'GET' })
  expect(asQuery?.read({ ...call, url: '/x?id=8&s=LOST' })?.receipts[0]).toMatchObject({
    messageId: '8',
    state: 'unknown',
  })
})

test('resolves JSON pointers (RFC 6901)', () => {
  const value = { a: [{ 'b/c': 1, 'm~n': 2 }], '': 3 }
  expect(resolvePointer(value, '')).toBe(value)
  expect(resolvePointer(value, '/a/0/b~1c')).toBe(1)
  expect(resolvePointer(value, '/a/0/m~0n')).toBe(2)
  expect(resolvePointer(value, '/')).toBe(3)
  expect(resolvePointer(value, '/a/1')).toBeUndefined()
  expect(resolvePointer(value, '/a/length/x')).toBeUndefined()
  expect(resolvePointer(value, '/constructor')).toBeUndefined()
  expect(resolvePointer('text', '/0')).toBeUndefined()
})
