import net from 'node:net'
import { expect, onTestFinished } from 'vitest'
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
import { createSmppGateway, type SmppGateway } from '../../src/gateways/sms/smpp/client.ts'
import {
  decodePdu,
  encodePdu,
  type Pdu,
  PduFramer,
  writeHeader,
} from '../../src/gateways/sms/smpp/pdu/pdu.ts'
import type { SmppGatewaySettings } from '../../src/gateways/sms/smpp/settings.ts'
import { segmentMessage } from '../../src/message/segment.ts'

/**
 * Runs a cleanup at the end of the current test, last first. Files of a process share this module, so a hook of its own would
 * only belong to the first of them.
 */
export function closeAfterTest(close: () => unknown): void {
  onTestFinished(async () => {
    await close()
  })
}

const PHONES = 10_000

/** Makes recipients with numbers reserved for fiction. */
export function makeRecipients(count: number, from = 0): SmsRecipient[] {
  return Array.from({ length: count }, (_, i) => ({
    no: from + i,
    phone: `+3363998${String((from + i) % PHONES).padStart(4, '0')}`,
  }))
}

export function makeMessage(text = 'Faux billets', changes: Partial<SmsMessage> = {}): SmsMessage {
  return {
    sender: 'ALERTE63',
    segmentation: segmentMessage(text),
    validUntil: new Date(Date.now() + 3_600_000),
    lane: 'alert',
    ...changes,
  }
}

/** Starts a simulator, a gateway bound to it, and a listener. */
export async function connectGateway(
  smscSettings: SmscSettings = {},
  settings: Partial<SmppGatewaySettings> = {},
) {
  const smsc = await startSmsc(smscSettings)
  closeAfterTest(() => smsc.stop())
  const gateway = createGateway(smsc.port, settings)
  await gateway.start()
  return { smsc, gateway, received: recordReceived(gateway) }
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
  closeAfterTest(() => gateway.stop(0))
  return gateway
}

export function recordReceived(gateway: SmppGateway) {
  const receipts: SmsReceipt[] = []
  const inbound: SmsInbound[] = []
  gateway.onReceipts((batch) => void receipts.push(...batch))
  gateway.onInbound((one) => void inbound.push(one))
  return { receipts, inbound }
}

/** Submits and returns all outcomes; expects exactly one per recipient, apart from late ones. */
export async function submitAndWait(
  gateway: SmppGateway,
  to: readonly SmsRecipient[],
  what = makeMessage(),
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

/** Counts outcomes by kind, with the reason in the name: `{ accepted: 3, 'notSent stopped': 1 }`. */
export function countKinds(outcomes: readonly SubmitOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) {
    const kind = 'reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

/** Waits for a condition. @throws Error when it is not true in time */
export async function waitUntil(condition: () => boolean, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the condition did not become true in time')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Lists the destinations of all accepted messages in order. */
export function listDestinations(smsc: Smsc): string[] {
  return [...smsc.log()].map((entry) => entry.destination)
}

/**
 * Starts a provider that answers binds and enquire_links, and leaves the rest to `onPdu`.
 * @param systemId in its bind response; default: that of the simulator
 * @returns its port
 */
export async function startProvider(
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
        } else if (command === 'enquire_link') sendHeader(socket, 0x80000015, 0, sequence)
        onPdu(socket, decoded.pdu)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closeAfterTest(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as net.AddressInfo).port
}

/** Sends a PDU that is only a header. */
export function sendHeader(socket: net.Socket, commandId: number, status: number, sequence: number): void {
  const pdu = Buffer.alloc(16)
  writeHeader(pdu, 0, { length: 16, commandId, status, sequence })
  socket.write(pdu)
}
