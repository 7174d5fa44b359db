import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { CommandIo } from '../commands/command.ts'
import { usageError } from '../commands/usage.ts'
import type { Config } from '../config.ts'
import type { LocalisedText, SmsGateway, SmsReceipt, SubmitOutcome } from '../deliveries/gateway.ts'
import { isSamePhone, otherBasesOf, plainIdOf } from '../deliveries/receipt/message-ids.ts'
import { describeRefusal } from '../deliveries/status/failures.ts'
import { checkEndpoint } from '../gateways/reach.ts'
import { endpointOf, type GatewaySettings } from '../gateways/settings.ts'
import { formatMessage, type Lang } from '../i18n/format.ts'
import { segmentMessage } from '../message/segment.ts'
import { createBaseDeps } from '../start/deps.ts'
import { createGateway } from '../start/gateways.ts'
import { isSimulatorGateway } from '../start/simulator.ts'

const CONNECT_MS = 10_000
/** Added to the response time in the settings, for a bind or an account request. */
const BIND_MARGIN_MS = 2000
const RECEIPT_MS = 30_000
const TEST_VALID_MS = 10 * 60_000
const STOP_MS = 2000

/** A test message to one phone. */
interface TestMessage {
  readonly phone: string
  readonly sender: string
}

/**
 * `tocsin routes check [--send PHONE --sender NAME]`: connects to every gateway as a worker would (name
 * resolution, TCP, TLS certificate, account) and prints faults with their remedy. With `--send`, sends one message
 * through each.
 * @returns 0 when all gateways work, else 1.
 */
export async function routesCheckCommand(
  args: string[],
  io: CommandIo,
  readSettings: () => Config,
): Promise<number> {
  const test = parseCheckCall(args)
  if (test === 'wrong') throw usageError(io.lang, formatMessage(io.lang, 'cli.routes_check.usage'))
  const config = readSettings()
  const t = (key: string, values?: LocalisedText['values']) => formatMessage(io.lang, key, values)
  const settings = config.gateways.filter((gateway) => !isSimulatorGateway(gateway))
  if (settings.length === 0) {
    io.stdout(`${t('cli.routes_check.demo')}\n`)
    return 0
  }
  let failed = 0
  for (const one of settings) {
    const { host, port } = endpointOf(one)
    io.stdout(`${one.name} (${one.kind}, ${host}:${port})\n`)
    const wrong = await checkGateway(config, one, test, (key, values) => io.stdout(`  ${t(key, values)}\n`))
    if (wrong === undefined) continue
    failed += 1
    io.stdout(`  ✗ ${t(wrong.key, wrong.values)}\n`)
    const hint = `${wrong.key}.hint`
    const advice = t(hint, wrong.values)
    io.stdout(`  → ${advice === hint ? t('check.hint') : advice}\n`)
  }
  io.stdout(`${t('cli.routes_check.done', { ok: settings.length - failed, failed })}\n`)
  return failed === 0 ? 0 : 1
}

function parseCheckCall(args: string[]): TestMessage | undefined | 'wrong' {
  try {
    const text = { type: 'string' } as const
    const { send, sender } = parseArgs({ args, options: { send: text, sender: text } }).values
    if (send === undefined && sender === undefined) return undefined
    if (send === undefined || sender === undefined) return 'wrong'
    if (!/^\+[1-9]\d{6,14}$/.test(send) || !/^[A-Za-z0-9 ]{1,11}$|^\+?\d{3,15}$/.test(sender)) return 'wrong'
    return { phone: send, sender }
  } catch {
    return 'wrong'
  }
}

/** Connects to a gateway as a worker would. @returns its fault, undefined when it works */
export async function checkGateway(
  config: Config,
  settings: GatewaySettings,
  test: TestMessage | undefined,
  printStep: (key: string, values?: LocalisedText['values']) => void,
): Promise<LocalisedText | undefined> {
  const unreachable = await checkEndpoint(endpointOf(settings), CONNECT_MS)
  if (unreachable !== undefined) return unreachable
  const startedAtMs = performance.now()
  // One link is enough for a check, and leaves the other links of the contract to the running program.
  const single =
    settings.kind === 'smpp' ? { ...settings, links: 1, window: settings.windowPerLink } : settings
  const gateway = createGateway(single, createBaseDeps({ ...config, logLevel: 'silent' }))
  const receipts = watchTestReceipts(gateway, test)
  try {
    const wrong = await waitUntilBound(gateway, settings.responseSeconds * 1000 + BIND_MARGIN_MS)
    if (wrong !== undefined) return wrong
    printStep('cli.routes_check.bound', { ms: Math.round(performance.now() - startedAtMs) })
    return test && (await sendTestMessage(gateway, test, receipts, config.lang, printStep))
  } finally {
    await gateway.stop(STOP_MS)
  }
}

async function waitUntilBound(gateway: SmsGateway, patienceMs: number): Promise<LocalisedText | undefined> {
  const endMs = performance.now() + patienceMs
  await gateway.start()
  for (;;) {
    const { state, lastError } = gateway.state()
    if (state === 'bound') return undefined
    if (lastError !== undefined) return lastError
    if (performance.now() > endMs) return { key: 'link.no_answer' }
    await sleep(50)
  }
}

interface TestReceipts {
  expect(messageIds: readonly string[]): void
  /** State in the last receipt of an expected message. */
  state(): SmsReceipt['state'] | undefined
}

/**
 * Acknowledges only receipts of the test message: over this link the provider may also send receipts of real
 * alerts and messages from phones. Those are rejected, so that the provider sends them again to the running
 * program.
 */
function watchTestReceipts(gateway: SmsGateway, test: TestMessage | undefined): TestReceipts {
  const expected = new Set<string>()
  const seen: SmsReceipt[] = []
  /** Some providers write an id in one base and its receipt in another; the phone then identifies the message. */
  const isOwn = ({ messageId, phone }: SmsReceipt) =>
    expected.has(plainIdOf(messageId)) ||
    (test !== undefined &&
      phone !== undefined &&
      isSamePhone(test.phone, phone) &&
      otherBasesOf(messageId).some((form) => expected.has(form)))
  gateway.onReceipts((batch) => {
    seen.push(...batch)
    if (!batch.every(isOwn)) throw new Error('the receipt belongs to another program')
  })
  gateway.onInbound(() => {
    throw new Error('the message belongs to another program')
  })
  return {
    expect(messageIds) {
      for (const id of messageIds) expected.add(plainIdOf(id))
    },
    state: () => seen.findLast(isOwn)?.state,
  }
}

async function sendTestMessage(
  gateway: SmsGateway,
  { phone, sender }: TestMessage,
  receipts: TestReceipts,
  lang: Lang,
  printStep: (key: string, values?: LocalisedText['values']) => void,
): Promise<LocalisedText | undefined> {
  const outcomes: SubmitOutcome[] = []
  await gateway.submit(
    {
      sender,
      // No accents, so that any provider sends a single part.
      segmentation: segmentMessage(`Tocsin: essai de la passerelle ${gateway.name}. Aucune action attendue.`),
      validUntil: new Date(Date.now() + TEST_VALID_MS),
      lane: 'service',
    },
    [{ no: 0, phone }],
    (outcome) => {
      outcomes.push(outcome)
      if (outcome.kind === 'accepted') receipts.expect(outcome.messageIds)
    },
  )
  const outcome = outcomes.at(-1)
  if (outcome?.kind === 'refused') {
    return { key: 'check.refused', values: { meaning: describeRefusal(lang, outcome.code) } }
  }
  if (outcome?.kind !== 'accepted') return gateway.state().lastError ?? { key: 'link.silent' }
  printStep('cli.routes_check.accepted', { id: outcome.messageIds.join(', ') })
  // Receipts of an HTTP provider arrive at the server.
  if (gateway.kind !== 'smpp') return undefined
  const endMs = performance.now() + RECEIPT_MS
  for (;;) {
    const state = receipts.state()
    if (state === 'delivered') {
      printStep('cli.routes_check.delivered')
      return undefined
    }
    if (state === 'undeliverable' || state === 'rejected' || state === 'expired' || state === 'deleted') {
      return { key: 'check.undelivered', values: { state } }
    }
    if (performance.now() > endMs) {
      printStep('cli.routes_check.no_receipt', { seconds: RECEIPT_MS / 1000 })
      return undefined
    }
    await sleep(100)
  }
}
