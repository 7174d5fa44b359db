import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import type { Problem } from '../../errors.ts'
import { endCallOuts } from '../../on-call/call-outs.ts'
import { type Actor, actorName } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import { type Signature, signatureOf } from '../../reports/signature.ts'
import { recordAlertEvent } from '../order/events.ts'
import { insertAuthorisation, voidAuthorisation } from './authorisations.ts'
import type { AuthorisationWord } from './contract.ts'
import type { LockedMessage } from './messages.ts'

type AuthorisedMessage = Pick<
  LockedMessage,
  'schemeId' | 'alertId' | 'followUpId' | 'version' | 'level' | 'hash'
>

/** Tolerance for clients whose clock is ahead of the server's. */
const CLOCK_TOLERANCE_MS = 120_000

/**
 * Stores an authorisation in place of an earlier one.
 * @returns the problems, in which case nothing is written
 */
export async function recordAuthorisation(
  tx: Tx,
  deps: Pick<Deps, 'newId'>,
  actor: Actor,
  { of, word, now }: { readonly of: AuthorisedMessage; readonly word: AuthorisationWord; readonly now: Date },
): Promise<Problem[]> {
  const { schemeId, alertId, followUpId } = of
  const givenAt = word.givenAt === undefined ? now : new Date(word.givenAt)
  const signature = await signatureOf(tx, actor, schemeId)
  const { magistrate, service } = findAuthority(actor, schemeId, signature, word)
  const problems: Problem[] = []
  if (of.level !== 'precise') {
    problems.push({
      code: 'doctrine.authorisation_needless',
      path: followUpId === null ? 'doctrine.level' : 'level',
    })
  }
  if (!magistrate) problems.push({ code: 'input.required', path: 'magistrate' })
  if (!service) problems.push({ code: 'input.required', path: 'service' })
  if (givenAt.getTime() > now.getTime() + CLOCK_TOLERANCE_MS) {
    problems.push({ code: 'doctrine.authorisation_future', path: 'givenAt' })
  }
  if (!magistrate || !service || problems.length > 0) return problems
  await voidAuthorisation(tx, schemeId, of, { at: now, why: 'replaced' })
  await insertAuthorisation(tx, {
    schemeId,
    id: deps.newId(),
    alertId,
    followUpId,
    magistrate,
    service,
    givenAt,
    scope: word.scope,
    contentHash: of.hash,
    recordedAt: now,
    recordedBy: signature.text,
  })
  await endCallOuts(tx, of, ['authorisation'], { at: now, why: 'authorised' })
  await recordAlertEvent(tx, schemeId, alertId, {
    at: now,
    kind: 'authorised',
    by: signature.text,
    reason: word.scope,
    details: { magistrate, service },
  })
  await recordAudit(tx, schemeId, now, {
    actor: actorName(actor),
    action: 'authorisation.record',
    subject: `alert:${alertId}`,
    details: {
      ...(followUpId === null ? {} : { followUp: followUpId }),
      version: of.version,
      contentHash: of.hash,
      service,
      givenAt: givenAt.toISOString(),
    },
  })
  return []
}

/** Returns the magistrate's name and service: of the actor if a magistrate is signed in, else as entered. */
function findAuthority(
  actor: Actor,
  schemeId: string,
  signature: Signature,
  word: AuthorisationWord,
): { readonly magistrate: string | undefined; readonly service: string | undefined } {
  const isMagistrate =
    actor.kind === 'user' &&
    actor.grants.some((grant) => grant.schemeId === schemeId && grant.role === 'magistrate')
  if (!isMagistrate) return { magistrate: word.magistrate, service: word.service }
  return { magistrate: actor.name, service: signature.agencyName ?? word.service }
}
