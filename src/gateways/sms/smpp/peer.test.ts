import { createRequire } from 'node:module'
import type { AddressInfo, Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { SmsInbound, SmsReceipt, SubmitOutcome } from '../../../deliveries/gateway.ts'
import { segmentMessage } from '../../../message/segment.ts'
import { createSmppGateway } from './client.ts'

/** The `smpp` package, another implementation of the standard; it has no types. */
interface PeerPdu {
  readonly command: string
  readonly destination_addr: string
  readonly short_message: { readonly message: string }
  readonly user_message_reference?: number
  readonly [field: string]: unknown
  response(fields?: object): unknown
}
interface PeerSession {
  on(event: string, listener: (pdu: PeerPdu) => void): void
  send(pdu: unknown): void
  deliver_sm(fields: object): void
}
const smpp = createRequire(import.meta.url)('smpp') as {
  createServer(listener: (session: PeerSession) => void): Server
}

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

test('our client and the server of the smpp package understand each other', async () => {
  const submitted: PeerPdu[] = []
  const commands: string[] = []
  const server = smpp.createServer((session) => {
    session.on('pdu', (pdu) => commands.push(pdu.command))
    session.on('error', () => {})
    for (const command of ['bind_transceiver', 'enquire_link', 'unbind']) {
      session.on(command, (pdu) => session.send(pdu.response()))
    }
    session.on('submit_sm', (pdu) => {
      const id = `id-${submitted.push(pdu)}`
      session.send(pdu.response({ message_id: id }))
      session.deliver_sm({
        source_addr_ton: 1,
        source_addr: pdu.destination_addr,
        destination_addr: 'ALERTE63',
        esm_class: 4,
        short_message: `id:${id} sub:001 dlvrd:001 stat:DELIVRD err:000 text:`,
        user_message_reference: pdu.user_message_reference,
      })
      session.deliver_sm({
        source_addr_ton: 1,
        source_addr: pdu.destination_addr,
        destination_addr: '33639980000',
        short_message: { message: 'Reçu â', encoding: 'UCS2' },
        data_coding: 8,
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(() => new Promise((resolve) => server.close(resolve)))
  const gateway = createSmppGateway({
    name: 'peer',
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    systemId: 'tocsin',
    password: 'secret',
    enquireLinkSeconds: 0.05,
  })
  opened.push(() => gateway.stop(100))
  const receipts: SmsReceipt[] = []
  const inbound: SmsInbound[] = []
  gateway.onReceipts((batch) => void receipts.push(...batch))
  gateway.onInbound((one) => void inbound.push(one))
  await gateway.start()
  const outcomes: SubmitOutcome[] = []
  await gateway.submit(
    {
      sender: 'ALERTE63',
      segmentation: segmentMessage('Vol à Dieppe : 600 €'),
      validUntil: new Date(Date.now() + 3_600_500),
      lane: 'alert',
    },
    [{ no: 41, phone: '+33639980041' }],
    (outcome) => outcomes.push(outcome),
  )
  await expect.poll(() => inbound.length).toBe(1)
  await expect.poll(() => commands.includes('enquire_link')).toBe(true)
  expect(outcomes).toEqual([{ kind: 'accepted', no: 41, messageIds: ['id-1'] }])
  expect(submitted[0]).toMatchObject({
    source_addr_ton: 5,
    source_addr_npi: 0,
    source_addr: 'ALERTE63',
    dest_addr_ton: 1,
    dest_addr_npi: 1,
    destination_addr: '33639980041',
    esm_class: 0,
    priority_flag: 2,
    registered_delivery: 1,
    data_coding: 0,
    user_message_reference: 42,
  })
  expect(submitted[0]?.short_message.message).toBe('Vol à Dieppe : 600 €')
  expect(receipts).toEqual([
    {
      gateway: 'peer',
      messageId: 'id-1',
      state: 'delivered',
      phone: '+33639980041',
      errorCode: 0,
      reference: 42,
    },
  ])
  expect(inbound).toEqual([{ gateway: 'peer', from: '+33639980041', to: '+33639980000', text: 'Reçu â' }])
  await gateway.stop(500)
  expect(commands).toContain('unbind')
})
