import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { type Signature, signatureOf } from '../../reports/signature.ts'
import type { ContentLevel } from '../../schemes/doctrine.ts'
import { contentHash } from '../compose/content.ts'
import { getAlertRow } from '../compose/draft.ts'
import type { AlertView, NewAuthorisation } from '../contract.ts'
import { getAlertView } from '../live/read.ts'
import { recordAlertEvent } from '../order/events.ts'
import { UNSENT } from '../states.ts'
import { lockAlert } from '../store.ts'
import { insertAuthorisation, voidAuthorisation } from './authorisations.ts'
import type { AuthorisationWord } from './contract.ts'

/** Tolerance for clients whose clock is ahead of the server's. */
const CLOCK_TOLERANCE_MS = 120_000

/**
 * Records a magistrate's authorisation of the current content; changing the content makes it void. A new authorisation replaces
 * the previous one.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `alert_changed`, or every problem at once.
 */
export async function recordAuthorisation(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live'>,
  actor: Actor,
  schemeId: string,
  id: string,
  input: NewAuthorisation,
): Promise<AlertView> {
  authorize(actor, 'authorisation.record', schemeId)
  const now = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    const alert = await lockAlert(tx, schemeId, id)
    if (alert === undefined) throw new AppError('not_found')
    if (!(UNSENT as readonly string[]).includes(alert.state)) {
      throw new AppError(alert.orderedAt === null ? 'wrong_state' : 'alert_not_draft')
    }
    if (alert.version !== input.version) throw new AppError('alert_changed')
    const problems = await takeDown(tx, deps, actor, {
      of: {
        schemeId,
        alertId: id,
        followUpId: null,
        version: alert.version,
        level: alert.doctrine.level,
        hash: contentHash(await getAlertRow(tx, schemeId, id)),
      },
      word: input,
      now,
    })
    if (problems.length > 0) throw refusalOf(problems)
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return getAlertView(deps, actor, schemeId, id)
}

/** The subject of an authorisation: the current version of an alert or of one of its follow-ups. */
export interface Authorised {
  readonly schemeId: string
  readonly alertId: string
  readonly followUpId: string | null
  readonly version: number
  readonly level: ContentLevel
  readonly hash: string
}

/**
 * Stores an authorisation in place of an earlier one.
 * @returns the problems, in which case nothing is written
 */
export async function takeDown(
  tx: Tx,
  deps: Pick<Deps, 'newId'>,
  actor: Actor,
  { of, word, now }: { readonly of: Authorised; readonly word: AuthorisationWord; readonly now: Date },
): Promise<Problem[]> {
  const { schemeId, alertId, followUpId } = of
  const givenAt = word.givenAt === undefined ? now : new Date(word.givenAt)
  const signature = await signatureOf(tx, actor, schemeId)
  const { magistrate, service } = whoGives(actor, schemeId, signature, word)
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
function whoGives(
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
