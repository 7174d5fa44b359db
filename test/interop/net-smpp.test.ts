import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { encodeGsm7 } from '../../src/message/gsm0338.ts'
import { findInstalled } from '../support/installed.ts'
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

const SERVER = fileURLToPath(new URL('./net-smpp-server.pl', import.meta.url))
const perl = findInstalled('perl')
const isInstalled =
  perl !== undefined &&
  spawnSync(perl, ['-MNet::SMPP', '-MJSON::PP', '-e', '1'], { timeout: 5000 }).status === 0
const skipped = isInstalled ? '' : ' (skipped: Net::SMPP is not installed; Debian: libnet-smpp-perl)'

interface ToldPdu {
  readonly port?: number
  readonly command?: string
  readonly [field: string]: string | number | undefined
}

/** Starts the server; its output fills `told`. */
async function startServer() {
  const child = spawn(perl as string, [SERVER], { stdio: ['ignore', 'pipe', 'inherit'] })
  closeAfterTest(() => child.kill('SIGKILL'))
  const told: ToldPdu[] = []
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as ToldPdu))
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  await waitUntil(() => told.length > 0, 5000)
  const { port } = told.shift() as { port: number }
  const all = (command: string) => told.filter((pdu) => pdu.command === command)
  /** Returns the first `count` events of a command; the events arrive separately from the responses. */
  async function received(command: string, count = 1): Promise<ToldPdu[]> {
    await waitUntil(() => all(command).length >= count)
    return all(command)
  }
  return { port, told, received, exited }
}

test.skipIf(!isInstalled)(
  `our client and a server on Net::SMPP understand each other${skipped}`,
  async () => {
    const { port, told, received, exited } = await startServer()
    const gateway = createGateway(port, { query: true, cancel: true, enquireLinkSeconds: 0.2 })
    const { receipts } = recordReceived(gateway)
    await gateway.start()
    expect((await received('bind_transceiver'))[0]).toMatchObject({ system_id: 'tocsin', password: 'secret' })

    const [first, second] = [makeRecipients(1), makeRecipients(1, 1)]
    expect(
      await submitAndWait(gateway, first, makeMessage('Vol à Dieppe : 600 €', { lane: 'vital' })),
    ).toEqual([{ kind: 'accepted', no: 0, messageIds: ['perl-1'] }])
    expect((await received('submit_sm'))[0]).toMatchObject({
      source_addr_ton: 5,
      source_addr_npi: 0,
      source_addr: 'ALERTE63',
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: '33639980000',
      esm_class: 0,
      priority_flag: 3,
      validity_period: expect.stringMatching(/^0000000(10000|059\d\d)000R$/),
      registered_delivery: 1,
      data_coding: 0,
      short_message: Buffer.from(encodeGsm7('Vol à Dieppe : 600 €')).toString('hex'),
      user_message_reference: '0001',
    })
    await waitUntil(() => receipts.length === 1)
    expect(receipts[0]).toEqual({
      gateway: 'test',
      messageId: 'perl-1',
      state: 'delivered',
      phone: '+33639980000',
      errorCode: 0,
      reference: 1,
    })

    // It waits for its phone, is queried, and is cancelled.
    await submitAndWait(gateway, second)
    const asked = [1, 2, 9].map((no) => ({
      no,
      messageId: `perl-${no}`,
      sender: 'ALERTE63',
      phone: '+33639980001',
    }))
    await gateway.query?.(asked)
    expect(receipts.slice(1).map(({ messageId, state }) => [messageId, state])).toEqual([
      ['perl-1', 'delivered'],
      ['perl-2', 'enroute'],
    ])
    const cancelled: number[] = []
    await gateway.cancel?.(asked, (no) => cancelled.push(no))
    expect(cancelled).toEqual([2])
    expect((await received('cancel_sm'))[0]).toMatchObject({
      source_addr: 'ALERTE63',
      source_addr_ton: 5,
      destination_addr: '33639980001',
      message_id: 'perl-1',
    })

    // Three parts, in order, joined by a user data header; then many messages at once.
    expect(
      countKinds(await submitAndWait(gateway, makeRecipients(1, 2), makeMessage('a'.repeat(400)))),
    ).toEqual({
      accepted: 1,
    })
    const parts = (await received('submit_sm', 5)).slice(2)
    expect(parts.map(({ esm_class }) => esm_class)).toEqual([0x40, 0x40, 0x40])
    const headers = parts.map(({ short_message }) => (short_message as string).slice(0, 12))
    const reference = headers[0]?.slice(6, 8)
    expect(headers).toEqual([1, 2, 3].map((part) => `050003${reference}030${part}`))
    expect(countKinds(await submitAndWait(gateway, makeRecipients(500, 10)))).toEqual({ accepted: 500 })
    await waitUntil(() => receipts.length === 3 + 3 + 500)
    await received('deliver_sm_resp', 504)
    await received('enquire_link')

    await gateway.stop(1000)
    expect(await exited).toBe(0)
    expect(told.at(-1)).toMatchObject({ command: 'unbind' })
    expect(gateway.counters()).toMatchObject({
      malformed: 0,
      unknownSequence: 0,
      framingErrors: 0,
      linksLost: 0,
    })
  },
)
