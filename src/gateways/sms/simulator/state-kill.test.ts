import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startProgram } from '../../../../test/support/program.ts'
import { segmentMessage } from '../../../message/segment.ts'
import { createSmppGateway } from '../smpp/client.ts'
import type { HandsetView } from './smsc.ts'

const KILLS = process.env.TOCSIN_LONG === undefined ? 2 : 4
const SUBMISSIONS = 3000
const SEED = Number(process.env.TOCSIN_SEED ?? Date.now() % 1_000_000)

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'smsc-kill-'))
const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
  fs.rmSync(folder, { recursive: true, force: true })
})

/** Makes a Park-Miller generator, so that the kills of a seed can be repeated. */
function randomFrom(seed: number): () => number {
  let state = (seed % 2147483646) + 1
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

/** Starts the simulator in a process with a bound client; returns the messages on the phones by id. */
async function start() {
  const stateFile = path.join(folder, 'smsc.ndjson')
  const ports = ['--port', '0', '--http-port', '0']
  const program = startProgram(['smsc', ...ports, '--receipt-delay', '30', '--state-file', stateFile])
  opened.push(() => program.process.kill('SIGKILL'))
  const [, port, httpPort] = await program.says(/"smpp":(\d+),"http":(\d+)/)
  const response = await fetch(`http://127.0.0.1:${httpPort}/handsets`)
  const handsets = (await response.json()) as HandsetView[]
  const onPhones = handsets.flatMap(({ number, messages }) => messages.map(({ id }) => ({ id, number })))
  const gateway = createSmppGateway({
    name: 'test',
    host: '127.0.0.1',
    port: Number(port),
    systemId: 'tocsin',
    password: 'secret',
    simulated: true,
  })
  opened.push(() => gateway.stop(0))
  const delivered: string[] = []
  gateway.onReceipts((receipts) => void delivered.push(...receipts.map(({ messageId }) => messageId)))
  await gateway.start()
  return { program, gateway, onPhones, delivered }
}

const message = {
  sender: 'ALERTE63',
  segmentation: segmentMessage('Faux billets'),
  validUntil: new Date(Date.now() + 3_600_000),
  lane: 'alert',
} as const

test(`${KILLS} kill -9 under load: all that was answered is on its phone, once, and has its receipt`, async () => {
  console.log(`TOCSIN_SEED=${SEED}`)
  const random = randomFrom(SEED)
  /** Numbers by the id of each answered submission. */
  const answered = new Map<string, string>()
  const delivered = new Set<string>()
  for (let kill = 0; kill < KILLS; kill++) {
    const life = await start()
    const recipients = Array.from({ length: SUBMISSIONS }, (_, i) => ({
      no: kill * SUBMISSIONS + i,
      phone: `+33639${980_000 + ((kill * SUBMISSIONS + i) % 10_000)}`,
    }))
    const firstAnswer = Promise.withResolvers<void>()
    const sending = life.gateway.submit(message, recipients, (outcome) => {
      if (outcome.kind !== 'accepted') return
      firstAnswer.resolve()
      const phone = recipients[outcome.no - kill * SUBMISSIONS]?.phone.slice(1) ?? ''
      for (const id of outcome.messageIds) answered.set(id, phone)
    })
    // The last kill comes after an answer; on busy processors, 150 ms may be over before the first one.
    if (kill === KILLS - 1) await firstAnswer.promise
    setTimeout(() => life.program.process.kill('SIGKILL'), random() * 150)
    expect(await life.program.ended).toBe(137)
    const stopped = life.gateway.stop(0)
    await sending
    await stopped
    for (const id of life.delivered) delivered.add(id)
  }

  const last = await start()
  const phones = new Map(last.onPhones.map(({ id, number }) => [id, number]))
  expect(phones.size).toBe(last.onPhones.length)
  expect([...answered].filter(([id, number]) => phones.get(id) !== number)).toEqual([])
  // Unacknowledged receipts arrive now, whether their submission was answered or not.
  await expect
    .poll(() => [...phones.keys()].filter((id) => !delivered.has(id) && !last.delivered.includes(id)).length)
    .toBe(0)
  await last.gateway.stop(1000)
  last.program.process.kill('SIGTERM')
  expect(await last.program.ended).toBe(0)
  console.log(
    `${answered.size} answered, ${phones.size} on phones, ${last.delivered.length} receipts at last`,
  )
  expect(answered.size).toBeGreaterThan(0)
})
