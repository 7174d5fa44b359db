import { createRequire } from 'node:module'
import type { AddressInfo, Server } from 'node:net'
import { expect, test } from 'vitest'
import { valid } from '../support/certificates.ts'
import {
  closeAfterTest,
  countKinds,
  createGateway,
  makeMessage,
  makeRecipients,
  recordReceived,
  submitAndWait,
  waitUntil,
} from '../support/smpp.ts'

/** The `smpp` package, another implementation of the standard; it has no types. */
interface PeerPdu {
  readonly command: string
  readonly command_status: number
  readonly password: string
  readonly destination_addr: string
  readonly message_id: string
  readonly short_message: { readonly message: string; readonly udh?: readonly Buffer[] }
  readonly message_payload?: { readonly message: string }
  readonly user_message_reference?: number
  readonly [field: string]: unknown
  response(fields?: object): unknown
}
interface PeerSession {
  on(event: string, listener: (pdu: PeerPdu) => void): void
  send(pdu: unknown): void
  deliver_sm(fields: object): void
  unbind(): void
  close(): void
}
const smpp = createRequire(import.meta.url)('smpp') as {
  createServer(options: object, listener: (session: PeerSession) => void): Server
}

/** Messages by id whose phone is off: they wait, and can be cancelled. */
const OFF = '33639980009'

/** Starts an SMS centre built on the package; what it receives fills `told`. */
async function startServer(options: object = {}) {
  const told: PeerPdu[] = []
  const sessions: PeerSession[] = []
  const states = new Map<string, number>()
  const server = smpp.createServer(options, (session) => {
    sessions.push(session)
    session.on('pdu', (pdu) => told.push(pdu))
    session.on('error', () => {})
    for (const command of ['enquire_link', 'unbind']) {
      session.on(command, (pdu) => session.send(pdu.response()))
    }
    session.on('bind_transceiver', (pdu) =>
      session.send(pdu.response({ command_status: pdu.password === 'secret' ? 0 : 0x0e })),
    )
    session.on('submit_sm', (pdu) => {
      const id = `id-${states.size + 1}`
      const isOff = pdu.destination_addr === OFF
      states.set(id, isOff ? 1 : 2)
      session.send(pdu.response({ message_id: id }))
      if (isOff) return
      session.deliver_sm({
        source_addr_ton: 1,
        source_addr: pdu.destination_addr,
        destination_addr: 'ALERTE63',
        esm_class: 4,
        short_message: `id:${id} sub:001 dlvrd:001 stat:DELIVRD err:000 text:`,
        user_message_reference: pdu.user_message_reference,
      })
    })
    session.on('query_sm', (pdu) => {
      const state = states.get(pdu.message_id)
      session.send(
        pdu.response(
          state === undefined
            ? { command_status: 0x67 }
            : { message_id: pdu.message_id, message_state: state, error_code: 7 },
        ),
      )
    })
    session.on('cancel_sm', (pdu) =>
      session.send(pdu.response({ command_status: states.get(pdu.message_id) === 1 ? 0 : 0x11 })),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closeAfterTest(() => new Promise((resolve) => server.close(resolve)))
  return { port: (server.address() as AddressInfo).port, told, sessions }
}

test.each([
  { over: 'TCP', options: {}, tls: false as const },
  { over: 'TLS', options: valid, tls: { servername: 'smsc.test', ca: valid.cert } },
])(
  'our client and the server of the smpp package understand each other over $over',
  async ({ options, tls }) => {
    const { port, told, sessions } = await startServer(options)
    const gateway = createGateway(port, { tls, query: true, cancel: true, enquireLinkSeconds: 0.05 })
    const { receipts, inbound } = recordReceived(gateway)
    await gateway.start()
    const submitted = () => told.filter(({ command }) => command === 'submit_sm')

    // One part and its receipt.
    expect(await submitAndWait(gateway, makeRecipients(1, 41), makeMessage('Vol à Dieppe : 600 €'))).toEqual([
      { kind: 'accepted', no: 41, messageIds: ['id-1'] },
    ])
    expect(submitted()[0]).toMatchObject({
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
    expect(submitted()[0]?.short_message.message).toBe('Vol à Dieppe : 600 €')
    await waitUntil(() => receipts.length === 1)
    expect(receipts[0]).toEqual({
      gateway: 'test',
      messageId: 'id-1',
      state: 'delivered',
      phone: '+33639980041',
      errorCode: 0,
      reference: 42,
    })

    // Several parts, in both alphabets.
    for (const text of [
      `Vol par ruse. ${'Ne pas intervenir. '.repeat(12)}`,
      `🚨 ${'Prudence. '.repeat(15)}`,
    ]) {
      const before = submitted().length
      expect(countKinds(await submitAndWait(gateway, makeRecipients(1), makeMessage(text)))).toEqual({
        accepted: 1,
      })
      const parts = submitted().slice(before)
      expect(parts.length).toBeGreaterThan(1)
      expect(parts.map(({ short_message }) => short_message.message).join('')).toBe(text)
      // 3GPP TS 23.040 section 9.2.3.24.1: identifier, length, reference, parts, number.
      const headers = parts.map(({ short_message: { udh } }) => [...(udh?.[0] ?? [])])
      const reference = headers[0]?.[2]
      expect(headers).toEqual(parts.map((_, part) => [0, 3, reference, parts.length, part + 1]))
    }

    // Messages from a phone: short, and longer than a short_message.
    const from = { source_addr_ton: 1, source_addr: '33639980041', destination_addr: '33639980000' }
    sessions[0]?.deliver_sm({
      ...from,
      short_message: { message: 'Reçu â', encoding: 'UCS2' },
      data_coding: 8,
    })
    sessions[0]?.deliver_sm({ ...from, message_payload: 'Merci. '.repeat(50), short_message: '' })
    await waitUntil(() => inbound.length === 2)
    expect(inbound.map(({ from, to, text }) => [from, to, text])).toEqual([
      ['+33639980041', '+33639980000', 'Reçu â'],
      ['+33639980041', '+33639980000', 'Merci. '.repeat(50)],
    ])

    // Queried, and cancelled.
    const count = receipts.length
    const [outcome] = await submitAndWait(gateway, [{ no: 9, phone: `+${OFF}` }])
    const messageId = outcome?.kind === 'accepted' ? (outcome.messageIds[0] as string) : ''
    const asked = [messageId, 'id-1', 'never'].map((id, no) => ({
      no,
      messageId: id,
      sender: 'ALERTE63',
      phone: `+${OFF}`,
    }))
    await gateway.query?.(asked)
    expect(receipts.slice(count).map((one) => [one.messageId, one.state, one.errorCode])).toEqual([
      [messageId, 'enroute', 7],
      ['id-1', 'delivered', 7],
    ])
    const cancelled: number[] = []
    await gateway.cancel?.(asked, (no) => cancelled.push(no))
    expect(cancelled).toEqual([0])
    expect(told.find(({ command }) => command === 'cancel_sm')).toMatchObject({
      message_id: messageId,
      source_addr: 'ALERTE63',
      destination_addr: OFF,
    })

    // Many messages at once, an enquire_link, an unbind from the provider, then ours.
    expect(countKinds(await submitAndWait(gateway, makeRecipients(500, 100)))).toEqual({ accepted: 500 })
    await waitUntil(() => told.some(({ command }) => command === 'enquire_link'))
    sessions[0]?.unbind()
    await waitUntil(() => sessions.length === 2 && gateway.state().state === 'bound')
    expect(gateway.counters()).toMatchObject({ linksLost: 1, malformed: 0, unknownSequence: 0 })
    expect(countKinds(await submitAndWait(gateway, makeRecipients(5)))).toEqual({ accepted: 5 })
    await gateway.stop(500)
    expect(told.at(-1)?.command).toBe('unbind')
  },
)

test('shows that the package refused a password', async () => {
  const { port } = await startServer()
  const gateway = createGateway(port, { password: 'wrong' })
  await gateway.start()
  expect(gateway.state().lastError).toEqual({ key: 'link.refused', values: { name: 'ESME_RINVPASWD' } })
})
