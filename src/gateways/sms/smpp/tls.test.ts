import net from 'node:net'
import tls from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { startSmsc } from '../simulator/smsc.ts'
import { createSmppGateway } from './client.ts'
import type { TlsSettings } from './session.ts'

/** Of no use but here: names `smsc.test`, which no network resolves. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg176fE+wlp9hs61uv
ThDcKhlityfO/uJNYzcEFP19VDWhRANCAAS22NkLEMpIWC9UB907VMt/yryYPLSO
JeJe8+ZGHrQe4BUBoYRF9T/yWUbA8ZadyXqmTKkjXt1vwEXP/pHlQbIx
-----END PRIVATE KEY-----`
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUXT81B0U2o+uBiEoNk+y4gWvOx9IwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJc21zYy50ZXN0MCAXDTI2MTEyNTAwMTc0NVoYDzIxMjYxMTAx
MDAxNzQ1WjAUMRIwEAYDVQQDDAlzbXNjLnRlc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS22NkLEMpIWC9UB907VMt/yryYPLSOJeJe8+ZGHrQe4BUBoYRF9T/y
WUbA8ZadyXqmTKkjXt1vwEXP/pHlQbIxo2kwZzAdBgNVHQ4EFgQUs2XfhAFcM8ot
oHqoCPTRrOn408AwHwYDVR0jBBgwFoAUs2XfhAFcM8otoHqoCPTRrOn408AwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglzbXNjLnRlc3QwCgYIKoZIzj0EAwID
RwAwRAIgXgOc/d1K5qjl2neq/eGKYq6tZyhRouJyToOp/SjSvosCIGsypPQfNVwj
dp3Lv3o2yiRCUlTNz02y9nWHWb8iteQy
-----END CERTIFICATE-----`

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

/** A gateway that reaches a simulator through TLS. */
async function connect(settings: TlsSettings) {
  const smsc = await startSmsc()
  opened.push(() => smsc.stop())
  const server = tls.createServer({ key: KEY, cert: CERTIFICATE }, (secure) => {
    const plain = net.connect(smsc.port, '127.0.0.1')
    secure.pipe(plain).pipe(secure)
    for (const socket of [secure, plain]) socket.on('error', () => {})
    secure.on('close', () => plain.destroy())
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(() => server.close())
  const gateway = createSmppGateway({
    name: 'tls',
    host: '127.0.0.1',
    port: (server.address() as net.AddressInfo).port,
    systemId: 'a',
    password: 'b',
    tls: settings,
    noLinkWaitMs: 20,
  })
  opened.push(() => gateway.stop(100))
  await gateway.start()
  return gateway
}

test('a certificate of the right name and authority is taken', async () => {
  const gateway = await connect({ servername: 'smsc.test', ca: CERTIFICATE })
  expect(gateway.state().state).toBe('bound')
})

test.each([{ servername: 'smsc.test' }, { servername: 'other.test', ca: CERTIFICATE }])(
  'any other is not: %j',
  async (settings) => {
    const gateway = await connect(settings)
    expect(gateway.state()).toMatchObject({
      state: 'down',
      lastError: { key: 'link.bad_certificate' },
    })
  },
)
