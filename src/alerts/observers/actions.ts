import { z } from 'zod'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import type { Region } from '../../identity/codes/regions.ts'
import { parsePhone } from '../../members/rules.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findDestinations, isOwnMobile } from '../../schemes/settings/destinations.ts'
import type { SettingWriter } from '../../settings/actions.ts'
import { markRows } from '../../settings/alone.ts'
import {
  auditBy,
  type ChangedBy,
  findRepeatedProposal,
  type ProposeDeps,
  proposeOrApply,
} from '../../settings/propose.ts'
import { isSame, type SettingPart } from '../../settings/rules.ts'
import { MAX_OBSERVERS, type NewObserver, type ObserverList, type ObserverView } from './contract.ts'

/** Lists the services of the State that receive a copy of every message, by name. */
export async function getObservers(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<{ observers: ObserverView[] }> {
  authorize(actor, 'observer.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => ({ observers: await listObserverViews(tx, schemeId) }))
}

type ObserverDeps = ProposeDeps & Pick<Deps, 'db'>

/** An observer as a change of settings stores it. */
export const StoredObserver = z.object({ name: z.string(), phone: z.string(), agency: z.string().nullable() })
type StoredObserver = z.infer<typeof StoredObserver>

/** The observers in force, and the change that waits for another account. */
interface ObserversSaved {
  readonly observers: ObserverView[]
  readonly proposed: string | null
}

/**
 * Replaces the list of observers for future messages. An observer whose number is unchanged keeps its id. Observers that are absent
 * are removed at once; new and changed ones are proposed, and put in force by another account.
 * @throws AppError with every problem at once: a number that cannot receive SMS or is listed twice, an unknown agency; as
 * `proposeOrApply`
 */
export async function setObservers(
  deps: ObserverDeps,
  actor: Actor,
  schemeId: string,
  { observers, reason }: ObserverList,
): Promise<ObserversSaved> {
  authorize(actor, 'observer.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const facts = await findFacts(tx, schemeId)
    const problems: Problem[] = []
    const wanted = observers.map((observer, index) => {
      const checked = checkObserver(observer, facts, `observers.${index}.`)
      problems.push(...checked.problems)
      return checked.stored
    })
    for (const [index, { phone }] of wanted.entries()) {
      if (wanted.findIndex((one) => one.phone === phone) < index) {
        problems.push({ code: 'observer.twice', path: `observers.${index}.phone` })
      }
    }
    if (problems.length > 0) throw refusalOf(problems)
    const known = await listObserverViews(tx, schemeId)
    const parts = [
      ...known
        .filter(({ phone }) => wanted.every((one) => one.phone !== phone))
        .map(({ name, phone, agency }): SettingPart => {
          return { setting: 'observers.remove', before: { name, phone, agency }, after: null }
        }),
      ...wanted.flatMap((one): SettingPart[] => {
        const before = known.find(({ phone }) => phone === one.phone)
        if (before === undefined) return [{ setting: 'observers.add', before: null, after: one }]
        const { name, phone, agency } = before
        const stored = { name, phone, agency }
        return isSame(stored, one) ? [] : [{ setting: 'observers.change', before: stored, after: one }]
      }),
    ]
    const { now, by, proposed } = await proposeOrApply(tx, deps, actor, {
      schemeId,
      subject: 'observers',
      parts,
      reason,
    })
    await writeObservers(tx, deps, schemeId, { parts: now, by })
    const after = await listObserverViews(tx, schemeId)
    if (now.length > 0)
      await recordAudit(
        tx,
        schemeId,
        deps.now(),
        auditBy(by, {
          action: 'observer.set',
          subject: `scheme:${schemeId}`,
          details: { observers: after.length },
          named: { observers: after.map(({ name }) => name) },
        }),
      )
    return { observers: after, proposed }
  })
}

/**
 * Adds an observer that receives a copy of future messages, once another account has put it in force. The same request with
 * the same id again adds and proposes nothing, also when the observer was removed since.
 * @throws AppError with every problem at once: a number that cannot receive SMS or belongs to another observer, an
 * unknown agency, too many observers; `id_taken`; as `proposeOrApply`
 */
export async function addObserver(
  deps: ObserverDeps,
  actor: Actor,
  schemeId: string,
  { id, reason, ...observer }: NewObserver,
): Promise<ObserversSaved> {
  authorize(actor, 'observer.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { stored, problems } = checkObserver(observer, await findFacts(tx, schemeId), '')
    const known = await listObserverViews(tx, schemeId)
    const repeated = await findRepeatedProposal(tx, schemeId, {
      ...{ id, actor, subject: 'observers' },
      isSame: (after) => isSame(after, stored),
    })
    if (repeated !== undefined) return { observers: known, ...repeated }
    // A request whose answer was lost is sent again: its observer is there, word for word.
    const isThere = known.some(({ name, phone, agency }) => isSame({ name, phone, agency }, stored))
    if (problems.length === 0 && isThere) return { observers: known, proposed: null }
    if (known.some(({ phone }) => phone === stored.phone)) {
      problems.push({ code: 'observer.twice', path: 'phone' })
    }
    if (known.length >= MAX_OBSERVERS) {
      problems.push({ code: 'input.too_many', values: { maximum: MAX_OBSERVERS } })
    }
    if (problems.length > 0) throw refusalOf(problems)
    const parts: SettingPart[] = [{ setting: 'observers.add', before: null, after: stored }]
    const { now, by, proposed } = await proposeOrApply(tx, deps, actor, {
      ...{ schemeId, subject: 'observers', parts, reason, id },
    })
    if (now.length > 0) {
      // Another user added the same observer concurrently.
      if (!(await writeObservers(tx, deps, schemeId, { parts: now, by })))
        throw refusalOf([{ code: 'observer.twice', path: 'phone' }])
      await recordObservers(tx, deps, schemeId, { parts: now, by })
    }
    return { observers: await listObserverViews(tx, schemeId), proposed }
  })
}

/** Puts proposed observers in force. */
export const observerSettingWriter: SettingWriter = {
  async write(tx, deps, { schemeId, parts, by }) {
    const known = await listObserverViews(tx, schemeId)
    const facts = await findFacts(tx, schemeId)
    const problems: Problem[] = []
    for (const { before, after } of parts) {
      const { phone } = StoredObserver.parse(after ?? before)
      const now = known.find((one) => one.phone === phone)
      const stored = now === undefined ? null : { name: now.name, phone: now.phone, agency: now.agency }
      if (!isSame(stored, before)) throw new AppError('settings_changed')
      if (after !== null) problems.push(...checkObserver(StoredObserver.parse(after), facts, '').problems)
    }
    const added = parts.filter(({ before }) => before === null).length
    if (known.length + added > MAX_OBSERVERS)
      problems.push({ code: 'input.too_many', values: { maximum: MAX_OBSERVERS } })
    if (problems.length > 0) throw refusalOf(problems)
    if (!(await writeObservers(tx, deps, schemeId, { parts, by }))) throw new AppError('settings_changed')
    await recordObservers(tx, deps, schemeId, { parts, by })
  },
}

async function recordObservers(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  { parts, by }: { readonly parts: readonly SettingPart[]; readonly by: ChangedBy },
): Promise<void> {
  const known = await listObserverViews(tx, schemeId)
  for (const { after } of parts) {
    const { name, phone } = StoredObserver.parse(after)
    const id = known.find((one) => one.phone === phone)?.id ?? ''
    const entry = auditBy(by, { action: 'observer.add', subject: `observer:${id}`, named: { name } })
    await recordAudit(tx, schemeId, deps.now(), entry)
  }
}

/** Writes observers that were checked. @returns false when a number that is added was added concurrently */
async function writeObservers(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  schemeId: string,
  { parts, by }: { readonly parts: readonly SettingPart[]; readonly by: ChangedBy },
): Promise<boolean> {
  const ids: string[] = []
  const agencies = await listAgencies(tx, schemeId)
  const agencyIdOf = (code: string | null) => agencies.find((one) => one.code === code)?.id ?? null
  for (const { before, after } of parts) {
    if (after === null) {
      const { phone } = StoredObserver.parse(before)
      await tx.deleteFrom('observers').where('schemeId', '=', schemeId).where('phone', '=', phone).execute()
      continue
    }
    const { name, phone, agency } = StoredObserver.parse(after)
    if (before !== null) {
      const changed = await tx
        .updateTable('observers')
        .set({ name, agencyId: agencyIdOf(agency) })
        .where('schemeId', '=', schemeId)
        .where('phone', '=', phone)
        .returning('id')
        .execute()
      ids.push(...changed.map(({ id }) => id))
      continue
    }
    const added = await tx
      .insertInto('observers')
      .values({ schemeId, id: deps.newId(), name, phone, agencyId: agencyIdOf(agency) })
      .onConflict((conflict) => conflict.columns(['schemeId', 'phone']).doNothing())
      .returning('id')
      .executeTakeFirst()
    if (added === undefined) return false
    ids.push(added.id)
  }
  await markRows(tx, schemeId, { subject: 'observers', ids, by, at: deps.now() })
  return true
}

/**
 * Removes an observer: it receives no copy of future orders; copies already on their way still arrive.
 * @throws AppError `not_found`
 */
export async function removeObserver(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<{ observers: ObserverView[] }> {
  authorize(actor, 'observer.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const removed = await tx
      .deleteFrom('observers')
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .returning('name')
      .executeTakeFirst()
    if (removed === undefined) throw new AppError('not_found')
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'observer.remove',
      subject: `observer:${id}`,
      named: { name: removed.name },
    })
    return { observers: await listObserverViews(tx, schemeId) }
  })
}

interface AgencyCode {
  readonly id: string
  readonly code: string
}

async function listAgencies(tx: Tx, schemeId: string): Promise<AgencyCode[]> {
  return tx.selectFrom('agencies').select(['id', 'code']).where('schemeId', '=', schemeId).execute()
}

/** The facts about a scheme by which an observer is checked. */
interface ObserverFacts {
  readonly agencies: readonly AgencyCode[]
  readonly destinations: readonly Region[]
}

async function findFacts(tx: Tx, schemeId: string): Promise<ObserverFacts> {
  return { agencies: await listAgencies(tx, schemeId), destinations: await findDestinations(tx, schemeId) }
}

/** Returns an observer with its number as stored, and its problems; their paths begin with `prefix`. */
function checkObserver(
  { name, phone, agency }: StoredObserver,
  { agencies, destinations }: ObserverFacts,
  prefix: string,
): { stored: StoredObserver; problems: Problem[] } {
  const problems: Problem[] = []
  const parsed = parsePhone(phone)
  if ('problem' in parsed) problems.push({ code: parsed.problem, path: `${prefix}phone` })
  else if (parsed.value.kind === 'landline')
    problems.push({ code: 'observer.landline', path: `${prefix}phone` })
  else if (!isOwnMobile(destinations, parsed.value.e164))
    problems.push({ code: 'observer.abroad', path: `${prefix}phone` })
  const known = agencies.find(({ code }) => code === agency)
  if (agency !== null && known === undefined) {
    problems.push({ code: 'observer.unknown_agency', path: `${prefix}agency`, values: { code: agency } })
  }
  const e164 = 'value' in parsed ? parsed.value.e164 : phone
  return { stored: { name, phone: e164, agency }, problems }
}

async function listObserverViews(tx: Tx, schemeId: string): Promise<ObserverView[]> {
  return tx
    .selectFrom('observers')
    .leftJoin('agencies', (join) =>
      join
        .onRef('agencies.schemeId', '=', 'observers.schemeId')
        .onRef('agencies.id', '=', 'observers.agencyId'),
    )
    .select(['observers.id', 'observers.name', 'observers.phone', 'agencies.code as agency'])
    .where('observers.schemeId', '=', schemeId)
    .orderBy('observers.name')
    .orderBy('observers.id')
    .execute()
}
