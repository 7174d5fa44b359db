import net from 'node:net'
import tls from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { type Certificate, expired, valid } from '../../test/support/certificates.ts'
import { formatMessage } from '../i18n/format.ts'
import { checkEndpoint } from './reach.ts'

const opened: (() => unknown)[] = []
afterEach(() => {
  for (const close of opened.splice(0)) close()
})

async function listen(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(() => server.close())
  return (server.address() as net.AddressInfo).port
}

function listenTls({ key, cert }: Certificate): Promise<number> {
  const server = tls.createServer({ key, cert }, (socket) => socket.on('error', () => {}))
  server.on('tlsClientError', () => {})
  return listen(server)
}

function listenPlain(onSocket: (socket: net.Socket) => void = () => {}): Promise<number> {
  return listen(
    net.createServer((socket) => {
      socket.on('error', () => {})
      onSocket(socket)
    }),
  )
}

const host = '127.0.0.1'

test('finds no fault with an endpoint that accepts connections', async () => {
  expect(await checkEndpoint({ host, port: await listenPlain(), tls: false }, 1000)).toBeUndefined()
  const secure = { servername: 'smsc.test', ca: valid.cert }
  expect(await checkEndpoint({ host, port: await listenTls(valid), tls: secure }, 1000)).toBeUndefined()
})

test('reports an unknown host, a closed port, a silent one and one that hangs up', async () => {
  expect(await checkEndpoint({ host: 'smsc.invalid', port: 1, tls: false }, 1000)).toMatchObject({
    key: 'link.unknown_host',
  })
  expect(await checkEndpoint({ host, port: 1, tls: false }, 1000)).toMatchObject({
    key: 'link.connection_refused',
  })
  const secure = { servername: 'smsc.test' }
  expect(await checkEndpoint({ host, port: await listenPlain(), tls: secure }, 200)).toMatchObject({
    key: 'link.unreachable',
  })
  const hangsUp = await listenPlain((socket) => socket.destroy())
  expect(await checkEndpoint({ host, port: hangsUp, tls: secure }, 1000)).toMatchObject({ key: 'link.reset' })
  const inClear = await listenPlain((socket) => socket.write('\0\0\0\x10\x80\0\0\0\0\0\0\x03\0\0\0\0'))
  expect(await checkEndpoint({ host, port: inClear, tls: secure }, 1000)).toMatchObject({
    key: 'link.no_tls',
  })
})

test('reports a certificate of another name, of an unknown authority, or expired', async () => {
  const port = await listenTls(valid)
  const other = await checkEndpoint({ host, port, tls: { servername: 'other.test', ca: valid.cert } }, 1000)
  expect(other).toEqual({
    key: 'check.certificate_name',
    values: { host, port: String(port), servername: 'other.test', names: 'smsc.test' },
  })
  expect(formatMessage('fr', other!.key, other!.values)).toBe(
    'le certificat du fournisseur est au nom de smsc.test, pas de other.test',
  )
  // The certificate is checked for an IP address too.
  expect(await checkEndpoint({ host, port, tls: { servername: host, ca: valid.cert } }, 1000)).toMatchObject({
    key: 'check.certificate_name',
  })
  expect(await checkEndpoint({ host, port, tls: { servername: 'smsc.test' } }, 1000)).toMatchObject({
    key: 'check.certificate_authority',
  })
  const late = { servername: 'expired.test', ca: expired.cert }
  expect(await checkEndpoint({ host, port: await listenTls(expired), tls: late }, 1000)).toMatchObject({
    key: 'check.certificate_expired',
  })
})
