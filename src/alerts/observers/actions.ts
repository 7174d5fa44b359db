import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { destinationOf } from '../../identity/destinations.ts'
import { parsePhone } from '../../members/rules.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
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

/**
 * Replaces the list of observers for future messages. An observer whose number is unchanged keeps its id.
 * @throws AppError with every problem at once: a number that cannot receive SMS or is listed twice, an unknown agency
 */
export async function setObservers(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  actor: Actor,
  schemeId: string,
  { observers }: ObserverList,
): Promise<{ observers: ObserverView[] }> {
  authorize(actor, 'observer.manage', schemeId)
  const now = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    const agencies = await listAgencies(tx, schemeId)
    const problems: Problem[] = []
    const rows = observers.map((observer, index) => {
      const checked = checkObserver(observer, agencies, `observers.${index}.`)
      problems.push(...checked.problems)
      return { schemeId, id: deps.newId(), ...checked.row }
    })
    for (const [index, { phone }] of rows.entries()) {
      if (rows.findIndex((row) => row.phone === phone) < index) {
        problems.push({ code: 'observer.twice', path: `observers.${index}.phone` })
      }
    }
    if (problems.length > 0) throw refusalOf(problems)
    const phones = rows.map(({ phone }) => phone)
    let gone = tx.deleteFrom('observers').where('schemeId', '=', schemeId)
    if (phones.length > 0) gone = gone.where('phone', 'not in', phones)
    await gone.execute()
    if (rows.length > 0) {
      await tx
        .insertInto('observers')
        .values(rows)
        .onConflict((conflict) =>
          conflict.columns(['schemeId', 'phone']).doUpdateSet((row) => ({
            name: row.ref('excluded.name'),
            agencyId: row.ref('excluded.agencyId'),
          })),
        )
        .execute()
    }
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'observer.set',
      subject: `scheme:${schemeId}`,
      details: { observers: rows.length },
      named: { observers: rows.map(({ name }) => name) },
    })
    return { observers: await listObserverViews(tx, schemeId) }
  })
}

/**
 * Adds an observer that receives a copy of future messages.
 * @throws AppError with every problem at once: a number that cannot receive SMS or belongs to another observer, an
 * unknown agency, too many observers
 */
export async function addObserver(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  actor: Actor,
  schemeId: string,
  observer: NewObserver,
): Promise<{ observers: ObserverView[] }> {
  authorize(actor, 'observer.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { row, problems } = checkObserver(observer, await listAgencies(tx, schemeId), '')
    const known = await listObserverViews(tx, schemeId)
    if (known.some(({ phone }) => phone === row.phone)) {
      problems.push({ code: 'observer.twice', path: 'phone' })
    }
    if (known.length >= MAX_OBSERVERS) {
      problems.push({ code: 'input.too_many', values: { maximum: MAX_OBSERVERS } })
    }
    if (problems.length > 0) throw refusalOf(problems)
    const added = await tx
      .insertInto('observers')
      .values({ schemeId, id: deps.newId(), ...row })
      .onConflict((conflict) => conflict.columns(['schemeId', 'phone']).doNothing())
      .returning('id')
      .executeTakeFirst()
    // Another user added the same observer concurrently.
    if (added === undefined) throw refusalOf([{ code: 'observer.twice', path: 'phone' }])
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'observer.add',
      subject: `observer:${added.id}`,
      named: { name: row.name },
    })
    return { observers: await listObserverViews(tx, schemeId) }
  })
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

/** Returns an observer as stored, with its problems; their paths begin with `prefix`. */
function checkObserver(
  { name, phone, agency }: NewObserver,
  agencies: readonly AgencyCode[],
  prefix: string,
): { row: { name: string; phone: string; agencyId: string | null }; problems: Problem[] } {
  const problems: Problem[] = []
  const parsed = parsePhone(phone)
  if ('problem' in parsed) problems.push({ code: parsed.problem, path: `${prefix}phone` })
  else if (parsed.value.kind === 'landline')
    problems.push({ code: 'observer.landline', path: `${prefix}phone` })
  else if (destinationOf(parsed.value.e164) !== 'home')
    problems.push({ code: 'observer.abroad', path: `${prefix}phone` })
  const known = agencies.find(({ code }) => code === agency)
  if (agency !== null && known === undefined) {
    problems.push({ code: 'observer.unknown_agency', path: `${prefix}agency`, values: { code: agency } })
  }
  const e164 = 'value' in parsed ? parsed.value.e164 : phone
  return { row: { name, phone: e164, agencyId: known?.id ?? null }, problems }
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
