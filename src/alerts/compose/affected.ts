import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { type Changes, withChanges } from '../../platform/http/bodies.ts'
import { OVER } from '../../schema.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import type { AffectedAlert, AffectedAlerts } from '../contract.ts'
import { subjectOf } from '../follow-up/follow-ups.ts'
import { listAlertsWhere, type StoredAlert } from '../store.ts'
import { doctrineEffectsOn } from './affected-rules.ts'

/** Maximum number of alerts listed. */
const MAX_ALERTS = 100

/**
 * Lists the drafts, the waiting alerts and the waiting follow-ups that a change of the doctrine affects, with its effects.
 * Nothing is changed.
 * @throws AppError `unknown_scheme`
 */
export async function previewDoctrine(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  changes: Changes<DoctrineSettings>,
): Promise<AffectedAlerts> {
  authorize(actor, 'doctrine.set', schemeId)
  const now = deps.now().getTime()
  return inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await tx
      .selectFrom('schemes')
      .select('doctrine')
      .where('id', '=', schemeId)
      .executeTakeFirst()
    if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    const before = DoctrineSettings.parse(scheme.doctrine)
    const after = withChanges(before, changes)
    const open = sql`a.state in ('draft', 'submitted', 'returned') or exists (select from follow_ups w
      where w.scheme_id = a.scheme_id and w.alert_id = a.id and w.state in ('submitted', 'returned'))`
    const rows = await listAlertsWhere(tx, schemeId, open, MAX_ALERTS)
    return {
      alerts: rows.flatMap((row) => {
        const followUp = waitingOf(row)
        const facts = { ...row, subject: subjectOf(row), followUp }
        const effects = doctrineEffectsOn(facts, { before, after, now })
        return effects.length === 0 ? [] : [affectedOf(row, followUp, effects)]
      }),
    }
  })
}

/** Lists the alerts that name a sector in their area and are not over. @throws AppError `forbidden` */
export async function listSectorAlerts(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  sectorId: string,
): Promise<AffectedAlerts> {
  authorize(actor, 'sector.manage', schemeId)
  const uses = sql`strpos(lower(a.area::text), ${sectorId.toLowerCase()}) > 0 and a.state <> all (${[...OVER]}::text[])`
  return inScheme(deps.db, schemeId, async (tx: Tx) => {
    const rows = await listAlertsWhere(tx, schemeId, uses, MAX_ALERTS)
    return { alerts: rows.map((row) => affectedOf(row, waitingOf(row), [])) }
  })
}

function waitingOf({ followUps }: StoredAlert) {
  return followUps.find(({ state }) => state === 'submitted' || state === 'returned')
}

function affectedOf(
  { id, reference, state, communeName, formerName }: StoredAlert,
  followUp: ReturnType<typeof waitingOf>,
  effects: AffectedAlert['effects'],
): AffectedAlert {
  return {
    id,
    reference,
    commune: formerName ?? communeName,
    state: followUp === undefined ? state : 'follow_up',
    effects,
  }
}
