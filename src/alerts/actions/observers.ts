import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { type Problem, refusalOf } from '../../errors.ts'
import { parsePhone } from '../../members/rules.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { ObserverList, ObserverView } from '../observer-contract.ts'

/** The services of the State that get a copy of every message, by name. */
export async function getObservers(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<{ observers: ObserverView[] }> {
  authorize(actor, 'observer.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => ({ observers: await list(tx, schemeId) }))
}

/**
 * Says who gets a copy from now on, in place of those before. One whose number stays keeps its id.
 * @throws AppError with every problem at once: a number that takes no SMS or stands twice, an unknown agency
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
    const agencies = await tx
      .selectFrom('agencies')
      .select(['id', 'code'])
      .where('schemeId', '=', schemeId)
      .execute()
    const problems: Problem[] = []
    const rows = observers.map(({ name, phone, agency }, index) => {
      const path = `observers.${index}`
      const parsed = parsePhone(phone)
      if ('problem' in parsed) problems.push({ code: parsed.problem, path: `${path}.phone` })
      else if (parsed.value.kind === 'landline')
        problems.push({ code: 'observer.landline', path: `${path}.phone` })
      const known = agencies.find(({ code }) => code === agency)
      if (agency !== null && known === undefined) {
        problems.push({ code: 'observer.unknown_agency', path: `${path}.agency`, values: { code: agency } })
      }
      const e164 = 'value' in parsed ? parsed.value.e164 : phone
      return { schemeId, id: deps.newId(), agencyId: known?.id ?? null, name, phone: e164 }
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
      details: { observers: rows.map(({ name }) => name) },
    })
    return { observers: await list(tx, schemeId) }
  })
}

async function list(tx: Tx, schemeId: string): Promise<ObserverView[]> {
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
