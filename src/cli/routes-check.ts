import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { CommandIo } from '../commands/command.ts'
import { usageError } from '../commands/usage.ts'
import type { Config } from '../config.ts'
import { sayRefusal } from '../deliveries/failures.ts'
import type { Said, SmsGateway, SmsReceipt, SubmitOutcome } from '../deliveries/gateway.ts'
import { isSamePhone, otherBasesOf, plainIdOf } from '../deliveries/message-ids.ts'
import { reach } from '../gateways/reach.ts'
import { endpointOf, type GatewaySettings } from '../gateways/settings.ts'
import { type Lang, say } from '../i18n/say.ts'
import { segmentMessage } from '../message/segment.ts'
import { createBaseDeps } from '../start/deps.ts'
import { createGateway } from '../start/gateways.ts'
import { isOfSimulator } from '../start/simulator.ts'

const CONNECT_MS = 10_000
/** For a bind, or an account request, beyond the time that the settings give one answer. */
const BIND_MARGIN_MS = 2000
const RECEIPT_MS = 30_000
const TEST_VALID_MS = 10 * 60_000
const STOP_MS = 2000

/** One test message to a phone. */
interface TestMessage {
  readonly phone: string
  readonly sender: string
}

/**
 * `tocsin routes check [--send PHONE --sender NAME]`: tries every gateway as a worker would (name, machine,
 * certificate, account) and says what is wrong and what to do. With `--send`, one message leaves by each.
 * @returns 0 when all are in order, else 1.
 */
export async function routesCheckCommand(
  args: string[],
  io: CommandIo,
  readSettings: () => Config,
): Promise<number> {
  const test = parse(args)
  if (test === 'wrong') throw usageError(io.lang, say(io.lang, 'cli.routes_check.usage'))
  const config = readSettings()
  const t = (key: string, values?: Said['values']) => say(io.lang, key, values)
  const settings = config.gateways.filter((gateway) => !isOfSimulator(gateway))
  if (settings.length === 0) {
    io.stdout(`${t('cli.routes_check.demo')}\n`)
    return 0
  }
  let failed = 0
  for (const one of settings) {
    const { host, port } = endpointOf(one)
    io.stdout(`${one.name} (${one.kind}, ${host}:${port})\n`)
    const wrong = await check(config, one, test, (key, values) => io.stdout(`  ${t(key, values)}\n`))
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

function parse(args: string[]): TestMessage | undefined | 'wrong' {
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

/** @returns what is wrong with one gateway, undefined when it is in order. */
async function check(
  config: Config,
  settings: GatewaySettings,
  test: TestMessage | undefined,
  tell: (key: string, values?: Said['values']) => void,
): Promise<Said | undefined> {
  const unreachable = await reach(endpointOf(settings), CONNECT_MS)
  if (unreachable !== undefined) return unreachable
  const startedAtMs = performance.now()
  // One link is enough to know, and leaves the others of the contract to the program that runs.
  const single =
    settings.kind === 'smpp' ? { ...settings, links: 1, window: settings.windowPerLink } : settings
  const gateway = createGateway(single, createBaseDeps({ ...config, logLevel: 'silent' }))
  const receipts = takeOwnReceipts(gateway, test)
  try {
    const wrong = await untilBound(gateway, settings.responseSeconds * 1000 + BIND_MARGIN_MS)
    if (wrong !== undefined) return wrong
    tell('cli.routes_check.bound', { ms: Math.round(performance.now() - startedAtMs) })
    return test && (await sendTest(gateway, test, receipts, config.lang, tell))
  } finally {
    await gateway.stop(STOP_MS)
  }
}

async function untilBound(gateway: SmsGateway, patienceMs: number): Promise<Said | undefined> {
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

interface OwnReceipts {
  expect(messageIds: readonly string[]): void
  /** The last known of what is expected. */
  state(): SmsReceipt['state'] | undefined
}

/**
 * The provider may send over this link what belongs to real alerts: only a receipt of the test is taken. The others,
 * and messages from phones, are handed back, for the provider to send again to the program that waits for them.
 */
function takeOwnReceipts(gateway: SmsGateway, test: TestMessage | undefined): OwnReceipts {
  const expected = new Set<string>()
  const seen: SmsReceipt[] = []
  /** Some providers write an id in one base and its receipt in the other: the phone then tells whose it is. */
  const isOwn = ({ messageId, phone }: SmsReceipt) =>
    expected.has(plainIdOf(messageId)) ||
    (test !== undefined &&
      phone !== undefined &&
      isSamePhone(test.phone, phone) &&
      otherBasesOf(messageId).some((form) => expected.has(form)))
  gateway.onReceipts((batch) => {
    seen.push(...batch)
    if (!batch.every(isOwn)) throw new Error('a receipt of someone else')
  })
  gateway.onInbound(() => {
    throw new Error('a message for someone else')
  })
  return {
    expect(messageIds) {
      for (const id of messageIds) expected.add(plainIdOf(id))
    },
    state: () => seen.findLast(isOwn)?.state,
  }
}

async function sendTest(
  gateway: SmsGateway,
  { phone, sender }: TestMessage,
  receipts: OwnReceipts,
  lang: Lang,
  tell: (key: string, values?: Said['values']) => void,
): Promise<Said | undefined> {
  const outcomes: SubmitOutcome[] = []
  await gateway.submit(
    {
      sender,
      // Without accents: the shortest for any provider.
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
    return { key: 'check.refused', values: { meaning: sayRefusal(lang, outcome.code) } }
  }
  if (outcome?.kind !== 'accepted') return gateway.state().lastError ?? { key: 'link.silent' }
  tell('cli.routes_check.accepted', { id: outcome.messageIds.join(', ') })
  // The receipt of an HTTP provider goes to the server.
  if (gateway.kind !== 'smpp') return undefined
  const endMs = performance.now() + RECEIPT_MS
  for (;;) {
    const state = receipts.state()
    if (state === 'delivered') {
      tell('cli.routes_check.delivered')
      return undefined
    }
    if (state === 'undeliverable' || state === 'rejected' || state === 'expired' || state === 'deleted') {
      return { key: 'check.undelivered', values: { state } }
    }
    if (performance.now() > endMs) {
      tell('cli.routes_check.no_receipt', { seconds: RECEIPT_MS / 1000 })
      return undefined
    }
    await sleep(100)
  }
}
