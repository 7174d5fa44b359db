import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import type { Problem } from '../../errors.ts'
import { endCallOuts } from '../../on-call/call-outs.ts'
import { type Actor, actorName } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import { type Signature, signatureOf } from '../../reports/signature.ts'
import { getSchemeFacts } from '../compose/draft.ts'
import { notifyMagistrate } from '../magistrates/confirm.ts'
import { listMagistrateRows, type MagistrateRow } from '../magistrates/store.ts'
import { recordAlertEvent } from '../order/events.ts'
import { insertAuthorisation, voidAuthorisation } from './authorisations.ts'
import type { GivenAuthorisation } from './contract.ts'
import type { LockedMessage } from './messages.ts'

type AuthorisedMessage = Pick<
  LockedMessage,
  'schemeId' | 'alertId' | 'followUpId' | 'version' | 'level' | 'hash'
>

export type AuthoriseDeps = Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>

/** Tolerance for clients whose clock is ahead of the server's. */
const CLOCK_TOLERANCE_MS = 120_000

/**
 * Stores an authorisation in place of an earlier one.
 * @returns the problems, in which case nothing is written
 */
export async function recordAuthorisation(
  tx: Tx,
  deps: AuthoriseDeps,
  actor: Actor,
  {
    of,
    word,
    now,
    self,
  }: {
    readonly of: AuthorisedMessage
    readonly word: GivenAuthorisation
    readonly now: Date
    /** The magistrate who gives it without an account, proved by a one-time code. */
    readonly self?: MagistrateRow
  },
): Promise<Problem[]> {
  const { schemeId, alertId, followUpId } = of
  const givenAt = word.givenAt === undefined ? now : new Date(word.givenAt)
  const { reference, exercise } = await tx
    .selectFrom('alerts')
    .select(['reference', 'exercise'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', alertId)
    .executeTakeFirstOrThrow()
  const signature = self === undefined ? await signatureOf(tx, actor, schemeId) : signatureOfMagistrate(self)
  const authority: Authority =
    self === undefined
      ? await findAuthority(tx, actor, schemeId, { signature, word })
      : { magistrate: self.name, service: self.service, named: null }
  const problems = problemsOfAuthorisation(of, { authority, givenAt, now })
  if ('problem' in authority || problems.length > 0) return problems
  const { magistrate, service, named } = authority
  const id = deps.newId()
  await voidAuthorisation(tx, schemeId, of, { at: now, why: 'replaced' })
  await insertAuthorisation(tx, {
    schemeId,
    id,
    alertId,
    followUpId,
    magistrate,
    service,
    magistrateId: named?.id ?? self?.id ?? (actor.kind === 'user' ? actor.userId : null),
    // In an exercise nobody is notified.
    confirmation: named === null || exercise ? null : 'pending',
    givenAt,
    scope: word.scope,
    contentHash: of.hash,
    recordedAt: now,
    recordedBy: signature.text,
  })
  const answered = { at: now, why: 'authorised', by: named?.name ?? signature.text }
  await endCallOuts(tx, of, ['authorisation'], answered)
  await recordAlertEvent(tx, schemeId, alertId, {
    at: now,
    kind: 'authorised',
    by: signature.text,
    reason: word.scope,
    details: { magistrate, service },
  })
  await recordAudit(tx, schemeId, now, {
    actor: self === undefined ? actorName(actor) : `magistrate:${self.id}`,
    action: 'authorisation.record',
    subject: `alert:${alertId}`,
    details: {
      ...(followUpId === null ? {} : { followUp: followUpId }),
      version: of.version,
      contentHash: of.hash,
      service,
      ...(named === null ? {} : { magistrate: named.id }),
      givenAt: givenAt.toISOString(),
    },
  })
  if (named !== null && !exercise) {
    await notifyMagistrate(tx, deps, {
      schemeId,
      authorisationId: id,
      reference,
      by: signature.text,
      magistrate: named,
    })
  }
  return []
}

function problemsOfAuthorisation(
  { level, followUpId }: AuthorisedMessage,
  { authority, givenAt, now }: { readonly authority: Authority; readonly givenAt: Date; readonly now: Date },
): Problem[] {
  const problems: Problem[] = []
  if (level !== 'precise') {
    const path = followUpId === null ? 'doctrine.level' : 'level'
    problems.push({ code: 'doctrine.authorisation_needless', path })
  }
  if ('problem' in authority) problems.push({ code: authority.problem, path: 'magistrateId' })
  if (givenAt.getTime() > now.getTime() + CLOCK_TOLERANCE_MS) {
    problems.push({ code: 'doctrine.authorisation_future', path: 'givenAt' })
  }
  return problems
}

/** Signs as a magistrate without an account. */
export function signatureOfMagistrate({ name, service }: Pick<MagistrateRow, 'name' | 'service'>): Signature {
  return { agencyId: null, agencyName: service, text: service === '' ? name : `${name} (${service})` }
}

/** Returns the name of the scheme's prosecutor's office; the scheme's own if it has none. */
async function findProsecutor(tx: Tx, schemeId: string): Promise<string> {
  const agency = await tx
    .selectFrom('agencies')
    .select('name')
    .where('schemeId', '=', schemeId)
    .where('kind', '=', 'prosecutor')
    .orderBy('code')
    .executeTakeFirst()
  return agency?.name ?? (await getSchemeFacts(tx, schemeId)).name
}

/** The magistrate who gave an authorisation; `named`: null when they recorded it themselves. */
type Authority =
  | { readonly magistrate: string; readonly service: string; readonly named: MagistrateRow | null }
  | { readonly problem: 'input.required' | 'doctrine.magistrate_unknown' }

/** Returns the actor if a magistrate is signed in, otherwise the magistrate chosen from the scheme's list. */
async function findAuthority(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  { signature, word }: { readonly signature: Signature; readonly word: GivenAuthorisation },
): Promise<Authority> {
  const isMagistrate =
    actor.kind === 'user' &&
    actor.grants.some((grant) => grant.schemeId === schemeId && grant.role === 'magistrate')
  if (isMagistrate) {
    const service = signature.agencyName ?? (await findProsecutor(tx, schemeId))
    return { magistrate: actor.name, service, named: null }
  }
  const { magistrateId } = word
  if (magistrateId === undefined) return { problem: 'input.required' }
  const named = (await listMagistrateRows(tx, schemeId)).find(
    ({ id, userId }) => id === magistrateId || userId === magistrateId,
  )
  if (named === undefined) return { problem: 'doctrine.magistrate_unknown' }
  return { magistrate: named.name, service: named.service, named }
}
