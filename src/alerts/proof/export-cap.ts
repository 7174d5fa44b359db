import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { placeWordsOf } from '../follow-up/follow-ups.ts'
import { getRow } from '../live/read.ts'
import { type CapMessage, capXml } from './cap.ts'

/**
 * Exports the last message of an alert, or the given one, in CAP 1.2 with references to all earlier ones, and audits
 * who did.
 * @throws AppError `not_found`; `wrong_state` when the alert has not been sent
 */
export async function exportCap(
  deps: Pick<Deps, 'db' | 'now' | 'config'>,
  actor: Actor,
  schemeId: string,
  id: string,
  broadcastId: string | undefined,
): Promise<{ name: string; xml: string }> {
  authorize(actor, 'alert.read_precise', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { row, broadcasts } = await getRow(tx, schemeId, id)
    const sent = broadcasts.filter(({ kind }) => kind !== 'copy')
    const upTo =
      broadcastId === undefined ? sent.length : sent.findIndex((one) => one.broadcastId === broadcastId) + 1
    if (broadcastId !== undefined && upTo === 0) throw new AppError('not_found')
    const [first, ...more] = sent
      .slice(0, upTo)
      .map(
        ({ kind, text, progress }): CapMessage => ({ kind, text, orderedAt: new Date(progress.orderedAt) }),
      )
    if (first === undefined) throw new AppError('wrong_state')
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'alert.export',
      subject: `alert:${id}`,
      details: { format: 'CAP 1.2', messages: more.length + 1 },
    })
    const { reference, schemeName, simulated, exercise, severity, area, areaLabel, communeCode } = row
    const xml = capXml({
      schemeId,
      schemeName,
      host: new URL(deps.config.baseUrl ?? 'http://localhost').hostname,
      reference,
      simulated,
      exercise,
      severity,
      label: row.labelFr,
      area,
      areaLabel,
      placeWords: placeWordsOf(row),
      communeCode,
      occurredAt: row.occurredAt,
      expiresAt: row.expiresAt,
      messages: [first, ...more],
    })
    return { name: more.length === 0 ? reference : `${reference}.${more.length + 1}`, xml }
  })
}
