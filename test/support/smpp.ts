import net from 'node:net'
import { afterEach, expect } from 'vitest'
import type {
  SmsInbound,
  SmsMessage,
  SmsReceipt,
  SmsRecipient,
  SubmitControl,
  SubmitOutcome,
} from '../../src/deliveries/gateway.ts'
import { SIMULATOR_SYSTEM_ID } from '../../src/gateways/sms/simulator/identity.ts'
import { type Smsc, type SmscSettings, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import {
  createSmppGateway,
  type SmppGateway,
  type SmppGatewaySettings,
} from '../../src/gateways/sms/smpp/client.ts'
import { decodePdu, encodePdu, type Pdu, PduFramer, writeHeader } from '../../src/gateways/sms/smpp/pdu.ts'
import { segmentMessage } from '../../src/message/segment.ts'

/** What is open, closed after each test, the last first. */
export const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

const PHONES = 10_000

/** Numbers kept for fiction: none rings. */
export function recipients(count: number, from = 0): SmsRecipient[] {
  return Array.from({ length: count }, (_, i) => ({
    no: from + i,
    phone: `+3363998${String((from + i) % PHONES).padStart(4, '0')}`,
  }))
}

export function message(text = 'Faux billets', changes: Partial<SmsMessage> = {}): SmsMessage {
  return {
    sender: 'ALERTE63',
    segmentation: segmentMessage(text),
    validUntil: new Date(Date.now() + 3_600_000),
    lane: 'alert',
    ...changes,
  }
}

/** A simulator, a gateway bound to it, and what it receives. */
export async function connect(smscSettings: SmscSettings = {}, settings: Partial<SmppGatewaySettings> = {}) {
  const smsc = await startSmsc(smscSettings)
  opened.push(() => smsc.stop())
  const gateway = createGateway(smsc.port, settings)
  await gateway.start()
  return { smsc, gateway, received: listen(gateway) }
}

export function createGateway(port: number, settings: Partial<SmppGatewaySettings> = {}): SmppGateway {
  const gateway = createSmppGateway({
    name: 'test',
    host: '127.0.0.1',
    port,
    systemId: 'tocsin',
    password: 'secret',
    reconnect: { minMs: 5, maxMs: 20 },
    ...settings,
  })
  opened.push(() => gateway.stop(0))
  return gateway
}

export function listen(gateway: SmppGateway) {
  const receipts: SmsReceipt[] = []
  const inbound: SmsInbound[] = []
  gateway.onReceipts((batch) => void receipts.push(...batch))
  gateway.onInbound((one) => void inbound.push(one))
  return { receipts, inbound }
}

/** All outcomes of a submission; each recipient has had exactly one, late answers aside. */
export async function submit(
  gateway: SmppGateway,
  to: readonly SmsRecipient[],
  what = message(),
  control?: SubmitControl,
) {
  const outcomes: SubmitOutcome[] = []
  await gateway.submit(what, to, (outcome) => outcomes.push(outcome), control)
  const first = outcomes.filter((outcome) => !isLate(outcome))
  expect(first.map((outcome) => outcome.no).sort((a, b) => a - b)).toEqual(to.map(({ no }) => no))
  return outcomes
}

export function isLate(outcome: SubmitOutcome): boolean {
  return 'late' in outcome
}

/** How many of each, the reason in the name: `{ accepted: 3, 'notSent stopped': 1 }`. */
export function countKinds(outcomes: readonly SubmitOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) {
    const kind = 'reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

/** @throws Error when it does not happen in time */
export async function until(condition: () => boolean, withinMs = 5000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Destinations of all that was accepted, in order. */
export function phones(smsc: Smsc): string[] {
  return [...smsc.log()].map((entry) => entry.destination)
}

/**
 * A provider that answers binds and enquire_links, and leaves the rest to `onPdu`.
 * @param systemId by which it answers a bind; by default it passes for the simulator
 * @returns its port
 */
export async function serve(
  onPdu: (socket: net.Socket, pdu: Pdu) => void,
  systemId: string = SIMULATOR_SYSTEM_ID,
): Promise<number> {
  const server = net.createServer((socket) => {
    const framer = new PduFramer()
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      framer.push(chunk, (buffer, start, end) => {
        const decoded = decodePdu(buffer, start, end)
        if (!decoded.ok) return
        const { command, sequence } = decoded.pdu
        if (command === 'bind_transceiver') {
          socket.write(encodePdu({ command: 'bind_transceiver_resp', status: 0, sequence, systemId }))
        } else if (command === 'enquire_link') answer(socket, 0x80000015, 0, sequence)
        onPdu(socket, decoded.pdu)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as net.AddressInfo).port
}

/** Writes a PDU that is only a header. */
export function answer(socket: net.Socket, commandId: number, status: number, sequence: number): void {
  const pdu = Buffer.alloc(16)
  writeHeader(pdu, 0, 16, commandId, status, sequence)
  socket.write(pdu)
}
