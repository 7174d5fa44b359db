import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { refusalOf } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { signatureOf } from '../../reports/signature.ts'
import type { AlertView, WordsPass } from '../contract.ts'
import { alertViewOf } from '../live/views.ts'
import { recordAlertEvent } from '../order/events.ts'
import { lockAlert } from '../store.ts'
import { getAlertRow } from './draft.ts'
import { readRemarks } from './guard-facts.ts'

/**
 * Lets words stand in the texts of an alert although they are the name of a member, because they are ordinary words ("café de
 * la gare"). A chief alone may do it, with a reason, which the record of the alert and the audit log keep. No other remark of
 * the guard can be passed.
 * @throws AppError `not_found`; `invalid_input` with `guard.not_passable` when the guard does not report the words as such a
 * name
 */
export async function passWords(
  deps: Pick<Deps, 'db' | 'now' | 'live'>,
  actor: Actor,
  schemeId: string,
  alertId: string,
  { words, reason, text }: WordsPass,
): Promise<AlertView> {
  authorize(actor, 'guard.pass', schemeId)
  const now = deps.now()
  const view = await inScheme(deps.db, schemeId, async (tx) => {
    await lockAlert(tx, schemeId, alertId)
    const alert = await getAlertRow(tx, schemeId, alertId)
    const shown = { ...alert, text: text ?? alert.text }
    const remarks = await readRemarks(deps.db, tx, schemeId, {
      of: text === undefined ? 'alert' : 'follow_up',
      alert: shown,
    })
    const named = remarks.find(
      ({ pass, start, end }) => pass === 'possible' && shown.text.slice(start, end) === words,
    )
    if (named === undefined)
      throw refusalOf([{ code: 'guard.not_passable', path: 'words', values: { words } }])
    const by = (await signatureOf(tx, actor, schemeId)).text
    await tx
      .updateTable('alerts')
      .set({ passed: JSON.stringify([...alert.passed, { words, reason, at: now.toISOString(), by }]) })
      .where('schemeId', '=', schemeId)
      .where('id', '=', alertId)
      .execute()
    await recordAlertEvent(tx, schemeId, alertId, {
      at: now,
      kind: 'words_passed',
      by,
      reason,
      details: { words },
    })
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'guard.pass',
      subject: `alert:${alertId}`,
      details: { version: alert.version, level: alert.doctrine.level },
      reason,
      named: { words },
    })
    return alertViewOf(await getAlertRow(tx, schemeId, alertId), [], 'precise')
  })
  deps.live.publish({ type: 'alert', schemeId, alertId })
  return view
}
