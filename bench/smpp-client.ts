import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { SmsMessage, SmsRecipient } from '../src/deliveries/gateway.ts'
import { startSmsc } from '../src/gateways/sms/simulator/smsc.ts'
import { createSmppGateway } from '../src/gateways/sms/smpp/client.ts'
import { segmentMessage } from '../src/message/segment.ts'
import { bindPeer, submitFields } from './peers/smpp-package.ts'

export interface SmppClientBenchOptions {
  /** Submissions of our client per run; default 400,000. */
  readonly messages?: number
  /** Submissions of the peer per run; default 40,000, since it is slower. */
  readonly peerMessages?: number
  readonly window?: number
  /** Default 3; the result is the median. */
  readonly runs?: number
}

/** Submissions per second, each with its response and receipt. */
export interface SmppClientBench {
  readonly ours: number
  readonly peer: number
  readonly ratio: number
  readonly runs: readonly { readonly ours: number; readonly peer: number }[]
}

const SELF = fileURLToPath(import.meta.url)
const TEXT = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."

/** Starts this file in a separate process: each side's code is compiled for its own work only. */
function startChild(role: 'sink' | 'peer'): ChildProcess {
  return fork(SELF, [role], { execArgv: [] })
}

/** Reads the next number printed by a child. */
function nextNumber(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('a process of the bench ended'))
    child.once('exit', onExit)
    child.once('message', (message) => {
      child.off('exit', onExit)
      resolve(message as number)
    })
  })
}

/** Parameters of the peer's process. */
interface PeerRequest {
  readonly port: number
  readonly messages: number
  readonly window: number
}

function phoneOf(no: number): string {
  // Numbers reserved for fiction.
  return `+3363998${String(no % 10_000).padStart(4, '0')}`
}

let runNo = 0
/** Returns a separate account for each run, so that unacknowledged receipts of a run reach no other. */
function nextAccount(): string {
  return `${process.pid}-${runNo++}`
}

/**
 * Approximate time in which a ledger makes a batch of receipts durable: they are acknowledged after it. The peer
 * acknowledges them at once.
 */
const LEDGER_MS = 5

async function measureOurs(port: number, messages: number, window: number): Promise<number> {
  const gateway = createSmppGateway({
    name: 'bench',
    host: '127.0.0.1',
    port,
    systemId: nextAccount(),
    password: 'bench',
    window,
    simulated: true,
  })
  const message: SmsMessage = {
    sender: 'ALERTE63',
    segmentation: segmentMessage(TEXT),
    validUntil: new Date(Date.now() + 3_600_000),
    lane: 'vital',
  }
  const recipients: SmsRecipient[] = Array.from({ length: messages }, (_, no) => ({ no, phone: phoneOf(no) }))
  await gateway.start()
  let accepted = 0
  let delivered = 0
  const allDelivered = new Promise<void>((resolve) => {
    let writing: Promise<void> | undefined
    gateway.onReceipts((receipts) => {
      for (const { state } of receipts) if (state === 'delivered') delivered++
      if (delivered === messages) resolve()
      writing ??= new Promise((written) => {
        setTimeout(() => {
          writing = undefined
          written()
        }, LEDGER_MS)
      })
      return writing
    })
  })
  const startedAt = performance.now()
  await gateway.submit(message, recipients, (outcome) => {
    if (outcome.kind === 'accepted') accepted++
  })
  await allDelivered
  const seconds = (performance.now() - startedAt) / 1000
  await gateway.stop(1000)
  if (accepted !== messages) throw new Error(`${messages - accepted} submissions were not accepted`)
  return messages / seconds
}

/** Measures the peer in its fastest configuration, as in `peers/smpp-package.ts`. */
async function measurePeer(port: number, messages: number, window: number): Promise<number> {
  const { session, cork } = await bindPeer(port, nextAccount())
  let sent = 0
  let accepted = 0
  let delivered = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  session.on('deliver_sm', (pdu) => {
    cork()
    session.send(pdu.response())
    if (pdu.receipted_message_id !== undefined) delivered++
    if (delivered === messages && accepted === messages) resolve()
  })
  function submitNext(): void {
    if (sent === messages) return
    const no = sent++
    cork()
    session.submit_sm(
      { ...submitFields(phoneOf(no), TEXT, true), user_message_reference: (no % 65_535) + 1 },
      (pdu) => {
        if (pdu.command_status === 0) accepted++
        if (delivered === messages && accepted === messages) resolve()
        submitNext()
      },
    )
  }
  const startedAt = performance.now()
  for (let i = 0; i < window; i++) submitNext()
  await promise
  const seconds = (performance.now() - startedAt) / 1000
  session.destroy()
  return messages / seconds
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

/** Measures F2: our client and the `smpp` package, one after the other in each run, with receipts, to one sink. */
export async function benchSmppClient(options: SmppClientBenchOptions = {}): Promise<SmppClientBench> {
  const { messages = 400_000, peerMessages = 40_000, window = 100, runs: count = 3 } = options
  const sink = startChild('sink')
  const peerProcess = startChild('peer')
  try {
    const port = await nextNumber(sink)
    const runPeer = (messages: number): Promise<number> => {
      const rate = nextNumber(peerProcess)
      peerProcess.send({ port, messages, window } satisfies PeerRequest)
      return rate
    }
    // Warms up both, so that compiled code is measured.
    await measureOurs(port, Math.min(100_000, messages), window)
    await runPeer(Math.min(10_000, peerMessages))
    const runs: { ours: number; peer: number }[] = []
    for (let i = 0; i < count; i++) {
      runs.push({
        ours: Math.round(await measureOurs(port, messages, window)),
        peer: Math.round(await runPeer(peerMessages)),
      })
    }
    const ours = median(runs.map((run) => run.ours))
    const peer = median(runs.map((run) => run.peer))
    return { ours, peer, ratio: Math.round((ours / peer) * 10) / 10, runs }
  } finally {
    sink.kill()
    peerProcess.kill()
  }
}

if (process.argv[1] === SELF) {
  const [, , role] = process.argv
  if (role === 'sink') {
    const smsc = await startSmsc({ handsets: false, logCapacity: 0 })
    process.send?.(smsc.port)
  } else if (role === 'peer') {
    process.on('message', async ({ port, messages, window }: PeerRequest) => {
      process.send?.(await measurePeer(port, messages, window))
    })
  } else console.log(JSON.stringify(await benchSmppClient()))
  if (role !== undefined) process.once('disconnect', () => process.exit(0))
}
