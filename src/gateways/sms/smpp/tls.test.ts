import net from 'node:net'
import tls from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { valid } from '../../../../test/support/certificates.ts'
import { startSmsc } from '../simulator/smsc.ts'
import { createSmppGateway } from './client.ts'
import type { TlsSettings } from './session/session.ts'

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

/** Connects a gateway to a simulator through TLS. */
async function connect(settings: TlsSettings) {
  const smsc = await startSmsc()
  opened.push(() => smsc.stop())
  const server = tls.createServer(valid, (secure) => {
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

test('accepts a certificate of the right name and authority', async () => {
  const gateway = await connect({ servername: 'smsc.test', ca: valid.cert })
  // A start waits for a first link for a second at most.
  await expect.poll(() => gateway.state().state).toBe('bound')
})

test.each([{ servername: 'smsc.test' }, { servername: 'other.test', ca: valid.cert }])(
  'any other is not: %j',
  async (settings) => {
    const gateway = await connect(settings)
    await expect
      .poll(() => gateway.state())
      .toMatchObject({ state: 'down', lastError: { key: 'link.bad_certificate' } })
  },
)
