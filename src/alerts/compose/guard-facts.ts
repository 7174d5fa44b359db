import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type GuardInput, guardText, type Remark } from '../../guard/guard.ts'
import { listMemberNames } from '../../members/store.ts'
import { dayIn, METROPOLITAN_ZONE } from '../../message/clock.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { PREPARED } from '../../platform/database/client.ts'
import { type Db, inScheme, type Tx } from '../../platform/db.ts'
import type { ContentLevel } from '../../schemes/doctrine.ts'
import { findScheme } from '../../schemes/store.ts'
import { namesPlace, namesTime } from '../../schemes/texts/compose.ts'
import { communeNames } from '../../schemes/texts/whereabouts.ts'
import { getAreaContext, resolveArea } from '../../territory/store/areas.ts'
import { MAX_PARTS } from '../contract.ts'
import { placeWordsOf } from '../follow-up/follow-ups.ts'
import type { AlertRow } from '../store.ts'
import { isPrevention } from './doctrine.ts'

/** Facts of a scheme used by the guard: names that must not appear, its places, hour, advice, limit and level of descriptions. */
export type GuardFacts = Required<
  Pick<GuardInput, 'memberNames' | 'places' | 'advice' | 'maxParts' | 'descriptionLevel' | 'timeZone'>
>

/** Cache of the facts by database and scheme, with the mark of the data they were read from. */
const lastRead = new WeakMap<Db, Map<string, { mark: string; facts: GuardFacts }>>()

/** A SQL expression over a scheme `s` whose value changes when the guard's facts may have changed. */
export const GUARD_MARK = sql<string>`md5(concat_ws(' ', s.closing_advice, s.territory, s.doctrine ->> 'descriptionLevel',
      (select n.changes from member_names n where n.scheme_id = s.id),
      (select string_agg(t.name, '|' order by t.id) from sectors t where t.scheme_id = s.id and t.removed_at is null)))`

/**
 * Reads those facts, in the caller's transaction. Their arrays stay the same as long as the members and the scheme do,
 * so that the guard indexes them once.
 * @param known `GUARD_MARK` of the scheme, when the caller has read it
 * @throws AppError `unknown_scheme`
 */
export async function readGuardFacts(db: Db, tx: Tx, schemeId: string, known?: string): Promise<GuardFacts> {
  const mark = known ?? (await readMark(tx, schemeId))
  const ofDatabase = lastRead.get(db) ?? new Map<string, { mark: string; facts: GuardFacts }>()
  lastRead.set(db, ofDatabase)
  const before = ofDatabase.get(schemeId)
  if (before?.mark === mark) return before.facts
  const facts = await readFacts(tx, schemeId)
  ofDatabase.set(schemeId, { mark, facts })
  // Indexes the names now, since many take a while: this happens when an alert room opens, so that no order waits for it.
  guardText({ text: facts.advice, level: 'established', ...facts })
  return facts
}

async function readMark(tx: Tx, schemeId: string): Promise<string> {
  const { rows } = await sql<{ mark: string }>`${PREPARED}
    select ${GUARD_MARK} as mark from schemes s where s.id = ${schemeId}`.execute(tx)
  return rows[0]?.mark ?? ''
}

/**
 * Reads an alert as it is written, or a follow-up, with the guard: its author, the second person and the order get the
 * same remarks. A follow-up need not name the commune again.
 * @param mark `GUARD_MARK` of the scheme, when the caller has read it
 */
export async function readRemarks(
  db: Db,
  tx: Tx,
  schemeId: string,
  {
    of,
    alert,
    at,
    mark,
  }: {
    readonly of: 'alert' | 'follow_up'
    readonly alert: Pick<
      AlertRow,
      'occurredAt' | 'areaLabel' | 'communeName' | 'formerName' | 'template' | 'categoryLevel' | 'passed'
    > & {
      readonly text: string
      readonly doctrine: { readonly level: ContentLevel }
    }
    /** When the alert would leave: its day is compared with that of the facts. A follow-up needs none. */
    readonly at?: Date | undefined
    readonly mark?: string | undefined
  },
): Promise<Remark[]> {
  const { text, doctrine, occurredAt, template, categoryLevel } = alert
  const commune = { name: alert.communeName, formerName: alert.formerName }
  const facts = await readGuardFacts(db, tx, schemeId, mark)
  return guardText({
    text,
    level: doctrine.level,
    occurredAt: occurredAt.toISOString(),
    needsTime: namesTime(template),
    place: placeWordsOf(alert),
    ...(at !== undefined && { today: dayIn(facts.timeZone ?? METROPOLITAN_ZONE, at) }),
    passed: alert.passed.map(({ words }) => words),
    fold: true,
    aboutOffence: of === 'alert' && !isPrevention({ categoryLevel, level: doctrine.level }),
    // A follow-up is often about another place: where they were seen, or arrested.
    ...(of === 'alert' && { ownPlaces: [...communeNames({ commune }), alert.areaLabel] }),
    ...(of === 'alert' && namesPlace(template) && { communes: communeNames({ commune }) }),
    ...facts,
  })
}

async function readFacts(tx: Tx, schemeId: string): Promise<GuardFacts> {
  const scheme = await findScheme(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const { communes } = await resolveArea(tx, await getAreaContext(tx, schemeId), { kind: 'scheme' })
  return {
    memberNames: await listMemberNames(tx, schemeId),
    places: [...communes, ...scheme.sectors].map(({ name }) => name),
    advice: scheme.closingAdvice,
    maxParts: MAX_PARTS,
    descriptionLevel: scheme.doctrine.descriptionLevel,
    timeZone: scheme.timeZone,
  }
}

/** Returns the guard's facts to a user who composes alerts. @throws AppError `unknown_scheme`, `forbidden` */
export function getGuardFacts(deps: Pick<Deps, 'db'>, actor: Actor, schemeId: string): Promise<GuardFacts> {
  authorize(actor, 'alert.compose', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readGuardFacts(deps.db, tx, schemeId))
}
