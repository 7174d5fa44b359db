import { expect, test } from 'vitest'
import { sendRequest } from './exchange.ts'

const request = { method: 'POST', url: 'https://sms.example/send?key=secret', headers: {}, body: 'hello' }

function failingWith(code: string, message = 'failed') {
  const cause = Object.assign(new Error(message), { code })
  return () => Promise.reject(new TypeError('fetch failed', { cause }))
}

const exchangeWith = (fetch: () => Promise<never>) =>
  sendRequest(fetch, request, new AbortController().signal)

test.each([
  ['ENOTFOUND', 'link.http.unreachable'],
  ['ECONNREFUSED', 'link.http.unreachable'],
  ['CERT_HAS_EXPIRED', 'link.http.certificate'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'link.http.certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'link.http.certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'link.http.certificate'],
])('%s: nothing has left', async (code, key) => {
  const result = await exchangeWith(failingWith(code))
  expect(result).toMatchObject({ kind: 'notSent', said: { key, values: { host: 'sms.example', code } } })
})

// A failing handshake and a record broken after the request was sent give the same codes.
test.each([
  'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  'EPROTO',
])('%s: it may have arrived', async (code) => {
  const result = await exchangeWith(failingWith(code))
  expect(result).toMatchObject({ kind: 'cut', said: { key: 'link.http.certificate', values: { code } } })
})

test.each(['ECONNRESET', 'UND_ERR_SOCKET', 'ETIMEDOUT', ''])(
  '%s: the request may have arrived',
  async (code) => {
    const result = await exchangeWith(failingWith(code, 'read https://sms.example/send?key=secret'))
    expect(result).toEqual({ kind: 'cut', said: { key: 'link.http.cut', values: { host: 'sms.example' } } })
  },
)
