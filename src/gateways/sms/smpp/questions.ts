import type { SubmittedMessage } from '../../../deliveries/gateway.ts'
import { type GatewayLog, stackWithoutMessage } from '../log.ts'
import type { Pdu } from './pdu/pdu.ts'
import { readState } from './pdu/receipt.ts'
import type { Receiving } from './receiving.ts'
import type { Question } from './session/asks.ts'
import { type Addressing, senderAddress } from './submission.ts'

interface QuestionParts {
  readonly name: string
  readonly addressing: Addressing
  readonly receiving: Receiving
  readonly log: GatewayLog | undefined
  /** Resolves with the response; undefined when there is none. */
  readonly ask: (question: Question) => Promise<Pdu | undefined>
}

/**
 * Asks what became of a submitted message and passes the response as a receipt. The sender must be encoded as in the
 * submission (sections 4.8.1 and 4.9.1).
 */
export async function queryMessage(
  { name, addressing, receiving, ask }: QuestionParts,
  { messageId, sender, phone }: SubmittedMessage,
): Promise<void> {
  const from = senderAddress(sender, addressing)
  if (from === undefined) return
  const answer = await ask({
    command: 'query_sm',
    status: 0,
    messageId,
    sourceTon: from.ton,
    sourceNpi: from.npi,
    source: from.address,
  })
  if (answer?.command !== 'query_sm_resp' || answer.status !== 0) return
  const state = readState(answer.messageState)
  if (state === undefined) return
  const { errorCode } = answer
  await receiving.passAnswer({ gateway: name, messageId, state, phone, errorCode, reference: undefined })
}

/** Asks the provider not to send a submitted message; `onCancelled` is called when it agrees. */
export async function cancelMessage(
  { name, addressing, log, ask }: QuestionParts,
  { no, messageId, sender, phone }: SubmittedMessage,
  onCancelled: (no: number) => void,
): Promise<void> {
  const from = senderAddress(sender, addressing)
  if (from === undefined) return
  const answer = await ask({
    command: 'cancel_sm',
    status: 0,
    serviceType: '',
    messageId,
    sourceTon: from.ton,
    sourceNpi: from.npi,
    source: from.address,
    destinationTon: addressing.destinationTon,
    destinationNpi: addressing.destinationNpi,
    destination: phone.replace('+', ''),
  })
  if (answer?.command !== 'cancel_sm_resp' || answer.status !== 0) return
  try {
    onCancelled(no)
  } catch (error) {
    log?.warn({ gateway: name, where: stackWithoutMessage(error) }, 'a cancellation listener failed')
  }
}
