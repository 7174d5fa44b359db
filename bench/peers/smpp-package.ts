import { createRequire } from 'node:module'
import type { Socket } from 'node:net'

/** The parts that we use of the `smpp` npm package, which has no types. */
export interface PeerSession {
  readonly socket: Socket
  on(event: string, listener: (pdu: PeerPdu) => void): void
  bind_transceiver(fields: object, callback: (pdu: PeerPdu) => void): void
  submit_sm(fields: object, callback: (pdu: PeerPdu) => void): void
  send(pdu: unknown): void
  destroy(): void
}

export interface PeerPdu {
  readonly command_status: number
  readonly message_id?: string
  readonly receipted_message_id?: string
  response(): unknown
}

export interface PeerLink {
  readonly session: PeerSession
  /** Call it before each write: the writes of a tick are sent together. */
  cork(): void
}

/** Binds a session of the package in its fastest configuration: no delay, and the writes of a tick together. */
export async function bindPeer(port: number, systemId: string): Promise<PeerLink> {
  const smpp = createRequire(import.meta.url)('smpp') as { connect(options: object): PeerSession }
  const session = smpp.connect({ host: '127.0.0.1', port })
  session.socket.setNoDelay(true)
  await new Promise<void>((resolve, reject) => {
    session.socket.once('error', reject)
    session.bind_transceiver({ system_id: systemId, password: 'bench' }, (pdu) =>
      pdu.command_status === 0 ? resolve() : reject(new Error('bind refused')),
    )
  })
  let isCorked = false
  return {
    session,
    cork() {
      if (isCorked) return
      isCorked = true
      session.socket.cork()
      setImmediate(() => {
        isCorked = false
        session.socket.uncork()
      })
    },
  }
}

/** Makes the message of the benches for the package, to a number in E.164. */
export function submitFields(phone: string, text: string, receipts: boolean): Record<string, unknown> {
  return {
    source_addr_ton: 5,
    source_addr: 'ALERTE63',
    dest_addr_ton: 1,
    dest_addr_npi: 1,
    destination_addr: phone.slice(1),
    registered_delivery: receipts ? 1 : 0,
    validity_period: '000000010000000R',
    short_message: text,
  }
}
