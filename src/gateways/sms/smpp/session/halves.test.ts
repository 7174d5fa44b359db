import { describe, expect, test } from 'vitest'
import {
  connectGateway,
  countKinds,
  createGateway,
  makeMessage,
  makeRecipients,
  startProvider,
  submitAndWait,
  waitUntil,
} from '../../../../../test/support/smpp.ts'
import type { SubmitEnding } from '../../../../deliveries/gateway.ts'
import { encodePdu } from '../pdu/pdu.ts'

const LONG = 'a'.repeat(200)

describe('a long message with some parts sent', () => {
  /** Answers the parts in order; undefined: no response. */
  async function answering(statuses: readonly (number | undefined)[]) {
    let parts = 0
    const port = await startProvider((socket, pdu) => {
      if (pdu.command !== 'submit_sm') return
      const status = statuses[parts++]
      if (status === undefined) return
      const messageId = status === 0 ? `m${parts}` : ''
      socket.write(encodePdu({ command: 'submit_sm_resp', status, sequence: pdu.sequence, messageId }))
    })
    const gateway = createGateway(port, { responseTimeoutMs: 150 })
    await gateway.start()
    return gateway
  }

  test.each([
    ['temporary', 0x08, false],
    ['permanent', 0x0a, true],
  ])(
    'reports a %s refusal of the other part with the ids of the accepted ones',
    async (_, code, permanent) => {
      const refused = { kind: 'refused', no: 0, code, permanent }
      const second = await answering([0, code])
      expect(await submitAndWait(second, makeRecipients(1), makeMessage(LONG))).toEqual([
        { ...refused, messageIds: ['m1', undefined] },
      ])
      const first = await answering([code, 0])
      expect(await submitAndWait(first, makeRecipients(1), makeMessage(LONG))).toEqual([
        { ...refused, messageIds: [undefined, 'm2'] },
      ])
      // It may have been accepted.
      const unanswered = await answering([undefined, code])
      expect(await submitAndWait(unanswered, makeRecipients(1), makeMessage(LONG))).toEqual([
        { ...refused, messageIds: [undefined, undefined] },
      ])
    },
  )

  test('is refused without ids when all parts are refused', async () => {
    const gateway = await answering([0x08, 0x08])
    const [outcome] = await submitAndWait(gateway, makeRecipients(1), makeMessage(LONG))
    expect(outcome).toEqual({ kind: 'refused', no: 0, code: 0x08, permanent: false })
    expect(outcome).not.toHaveProperty('messageIds')
  })
})

describe('aborted in the middle of a long message', () => {
  async function abortAfterFirstPart(latencyMs: number, reason?: SubmitEnding) {
    const { smsc, gateway } = await connectGateway({ faults: { latencyMs } }, { window: 1 })
    const controller = new AbortController()
    const sent = submitAndWait(gateway, makeRecipients(3), makeMessage(LONG), controller)
    await waitUntil(() => smsc.state().accepted === 1)
    const abortedAt = Date.now()
    controller.abort(reason)
    const outcomes = await sent
    const afterMs = [...smsc.log()].map(({ at }) => Date.parse(at) - abortedAt)
    return { smsc, gateway, outcomes, afterMs }
  }

  test('is finished when the provider answers soon', async () => {
    const { smsc, outcomes } = await abortAfterFirstPart(100, 'over')
    expect(countKinds(outcomes)).toEqual({ accepted: 1, 'notSent stopped': 2 })
    expect(smsc.handsets()[0]?.messages).toHaveLength(1)
  })

  test('is not finished otherwise, since the rest would arrive after the stop', async () => {
    const { gateway, smsc, outcomes, afterMs } = await abortAfterFirstPart(1500, 'over')
    expect(countKinds(outcomes)).toEqual({ 'unknown linkLost': 1, 'notSent stopped': 2 })
    expect(outcomes.find(({ kind }) => kind === 'unknown')).toMatchObject({
      messageIds: [[...smsc.log()][0]?.messageId, undefined],
    })
    expect(afterMs).toHaveLength(1)
    expect(gateway.state()).toMatchObject({ inFlight: 0 })
  })

  test('is finished by a stopping process, however slow the responses', async () => {
    const { outcomes, afterMs } = await abortAfterFirstPart(1000, 'leaving')
    expect(countKinds(outcomes)).toEqual({ accepted: 1, 'notSent stopped': 2 })
    expect(afterMs).toHaveLength(2)
  })
})
